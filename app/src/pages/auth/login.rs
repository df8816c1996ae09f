//! The page for sign-in.

use leptos::prelude::*;
use leptos::server_fn::ServerFn as _;
use leptos_meta::Title;

use super::actions::Login;
use crate::address::PageAddress;
use crate::components::ui::{Form, MutedLine, Narrow, Notice, Panel, Tone};
use crate::context::caller;
use crate::forms::{FormState, Hidden, Submit, TextInput, see_other};
use crate::pages::region::Region;

/// Sign in, and go on to the page that the visitor came from.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    let page = PageAddress::current();
    let next = page.query("next").to_owned();
    if caller().is_some() {
        see_other(&next);
    }
    let is_registered = page.query("result") == "register";
    let is_signed_out = page.query("result") == "signed_out";
    let form = FormState::new(&page, "login");
    let username = TextInput {
        name: "username",
        label: "Username",
        autocomplete: "username",
        inputmode: "text",
        ..TextInput::FIGURE
    };
    view! {
        <Title text="Sign in · CNOP" />
        <Narrow>
            <h1>"Sign in"</h1>
            <Show when=move || is_registered>
                <Notice tone=Tone::Good role="status">"Your account is ready. Sign in to start."</Notice>
            </Show>
            <Show when=move || is_signed_out>
                <Notice tone=Tone::Good role="status">"You are signed out."</Notice>
            </Show>
            <Region id="login-region">
                {form.summary()}
                <Panel>
                    <Form action=Login::PATH unchecked=true>
                        <Hidden name="next" value=next />
                        {form.text(&username)}
                        {form.secret("password", "Password", "current-password", "")}
                        <Submit label="Sign in" pending="Signing in…" />
                    </Form>
                </Panel>
            </Region>
            <MutedLine>"No account yet? " <a href="/register">"Register"</a></MutedLine>
        </Narrow>
    }
}
