//! The page for registration.

use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;
use leptos_meta::Title;

use super::actions::Register;
use crate::address::PageAddress;
use crate::components::ui::{FieldPair, Form, MutedLine, Narrow, Panel};
use crate::forms::{Checkbox, FormState, Submit, TextInput};
use crate::pages::region::Region;

/// The rule of passwords, always visible.
pub(crate) const PASSWORD_HINT: &str = "12–128 characters with an uppercase letter, a lowercase letter, a number and a symbol or space. Nothing that is easy to guess.";

/// Open an account and be signed in with it.
#[component]
pub(crate) fn RegisterPage() -> impl IntoView {
    let form = FormState::new(&PageAddress::current(), "register");
    let field = |name, label, kind, autocomplete, hint, optional| {
        let inputmode = if matches!(kind, "email" | "tel") { kind } else { "text" };
        form.text(&TextInput {
            name,
            label,
            initial: "",
            hint,
            kind,
            autocomplete,
            inputmode,
            optional,
            ..TextInput::FIGURE
        })
    };
    let consent = form.value("marketing_emails_consent", "") == "true";
    let fields = view! {
        <FieldPair>
            {field("first_name", "First name", "text", "given-name", "", false)}
            {field("last_name", "Last name", "text", "family-name", "", false)}
        </FieldPair>
        {field("username", "Username", "text", "username", "6–30 letters, numbers or underscores", false)}
        {field("email", "Email", "email", "email", "", false)}
        {form.secret("password", "Password", "new-password", PASSWORD_HINT)}
        <FieldPair>
            {field("phone", "Phone", "tel", "tel", "", true)}
            {field("date_of_birth", "Date of birth", "date", "bday", "", true)}
        </FieldPair>
        <Checkbox form="register" name="marketing_emails_consent" label="Email me product news" checked=consent />
    };
    view! {
        <Title text="Register · CNOP" />
        <Narrow>
            <div>
                <h1>"Open an account"</h1>
                <MutedLine>"Takes a minute. You start at 0 USD and deposit simulated funds."</MutedLine>
            </div>
            <Region id="register-region">
                {form.summary()}
                <Panel>
                    <Form action=Register::PATH unchecked=true>
                        {fields}
                        <Submit label="Open account" pending="Opening…" />
                    </Form>
                </Panel>
            </Region>
            <MutedLine>"Already have an account? " <a href="/login">"Sign in"</a></MutedLine>
        </Narrow>
    }
}
