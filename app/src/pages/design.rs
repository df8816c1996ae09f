//! The components of the interface, each in every state: a page for development, which no navigation leads to.

use cnop_api::{FieldError, Problem};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::ui::{
    Button, ButtonSize, Buttons, ChipLink, Chips, Columns, Disclosure, Entries, Entry, EntryActions,
    EntryFigures, EntryText, Facts, FactsKind, Field, FieldPair, FieldStack, FigureList, FigureSize,
    FigureValue, Findings, HiddenCaption, Hint, LabelLine, LinkButton, Look, Muted, MutedLine, Note, Notice,
    NumberCell, NumberHead, PageHead, Panel, PanelHead, PanelKind, RowTitle, Rules, Scroll, Small, SmallLink,
    SmallMuted, Stack, Story, TabBar, Table, TableCount, TableKind, Tone, options,
};
use crate::components::{Change, Empty, Failure, Icon, Pager, icon};
use crate::forms::{Checkbox, ProblemSummary, Submit, TextField};

/// The page of components.
#[component]
pub(crate) fn DesignPage() -> impl IntoView {
    view! {
        <Title text="Components · CNOP" />
        <Stack>
            <PageHead>
                <h1>"Components"</h1>
                <Buttons><LinkButton href="/design">"An action of the page"</LinkButton></Buttons>
            </PageHead>
            {buttons()} {notices()} {fields()} {tables()} {lists()} {figures()} {texts()}
        </Stack>
    }
}

fn buttons() -> impl IntoView {
    let looks = [
        (Look::Plain, "Plain"),
        (Look::Primary, "Primary"),
        (Look::Buy, "Buy"),
        (Look::Sell, "Sell"),
        (Look::Quiet, "Quiet"),
    ];
    let row = |size| {
        let links =
            looks.map(|(look, label)| view! { <LinkButton look size href="#buttons">{label}</LinkButton> });
        view! { <Buttons>{links.into_iter().collect_view()}</Buttons> }
    };
    view! {
        <Panel kind=PanelKind::Form id="buttons" labelled_by="buttons-title">
            <h2 id="buttons-title">"Buttons, chips and tabs"</h2>
            {row(ButtonSize::Normal)} {row(ButtonSize::Small)} {row(ButtonSize::Wide)}
            <Buttons><Button>"Button"</Button> <Button>{icon(Icon::Search)} "With an icon"</Button></Buttons>
            <Chips label="Chips">
                <ChipLink href="#buttons" current=true>"Current"</ChipLink>
                <ChipLink href="#buttons">"Another"</ChipLink>
            </Chips>
            <TabBar label="Tabs">
                <a href="#buttons" aria-current="true">"Current"</a>
                <a href="#buttons">"Another"</a>
            </TabBar>
            <Pager label="Pages" before=Some("#buttons".to_owned()) after=Some("#buttons".to_owned()) />
        </Panel>
    }
}

fn notices() -> impl IntoView {
    let problem = Problem::invalid(vec![FieldError::new("sample", "required", "Fill in this field.")]);
    view! {
        <Panel kind=PanelKind::Form labelled_by="notices-title">
            <h2 id="notices-title">"Notices"</h2>
            <Notice tone=Tone::Good>"An order was filled."</Notice>
            <Notice tone=Tone::Warning>"A guard rail is in force. " <a href="#buttons">"A link"</a></Notice>
            <Notice tone=Tone::Bad>"An order was refused."</Notice>
            <Failure problem />
            <Empty title="An empty list" text="Its content, and the next step." step=("#buttons", "The next step") />
        </Panel>
    }
}

fn fields() -> impl IntoView {
    let none = Signal::stored(None::<Problem>);
    let wrong = vec![
        FieldError::new("wrong", "decimal", "Enter an amount such as 12.50."),
        FieldError::new("secret", "length", "Enter at least 8 characters."),
    ];
    let refused = Signal::stored(Some(Problem::invalid(wrong)));
    let hint = Some(Signal::stored("Two decimals.".to_owned()));
    let value = RwSignal::new("12.50".to_owned());
    let choices = [("one", "The first option"), ("two", "The second option")];
    view! {
        <Panel labelled_by="fields-title">
            <h2 id="fields-title">"Fields"</h2>
            <FieldStack>
                <ProblemSummary id="design-problem" form="design" problem=refused />
                <FieldPair>
                    <TextField form="design" name="text" label="Text" problem=none />
                    <TextField form="design" name="optional" label="Text" problem=none optional=true />
                    <TextField form="design" name="money" label="Amount in USD" problem=none value inputmode="decimal" hint />
                    <TextField form="design" name="wrong" label="Amount in USD" problem=refused inputmode="decimal" hint />
                    <TextField form="design" name="secret" label="Password" problem=refused kind="password" />
                    <Field id="design-choice" label="Choice">
                        <select id="design-choice" name="choice">{options(&choices, "two")}</select>
                    </Field>
                </FieldPair>
                <Checkbox form="design" name="on" label="Checked" checked=true />
                <Checkbox form="design" name="off" label="Not checked" checked=false />
                <Hint>"An explanation of the form."</Hint>
                <Submit label="Send" pending="Sending…" />
            </FieldStack>
        </Panel>
    }
}

fn tables() -> impl IntoView {
    let table = |kind, label: &'static str| {
        view! {
            <Panel kind=PanelKind::Flush>
                <PanelHead><h2>{label}</h2> <SmallLink href="#buttons">"A link"</SmallLink></PanelHead>
                <Scroll>
                    <Table kind>
                        <HiddenCaption>{label}</HiddenCaption>
                        <thead>
                            <tr><th scope="col">"Time"</th><th scope="col">"Asset"</th><NumberHead>"Value"</NumberHead></tr>
                        </thead>
                        <tbody>
                            <tr><td>"10:30"</td><td>"Bitcoin"</td><NumberCell label="Value">"1,250.00"</NumberCell></tr>
                            <tr><td>"10:45"</td><td>"Ether"</td><NumberCell label="Value" end=true>"80.10"</NumberCell></tr>
                        </tbody>
                    </Table>
                </Scroll>
                <TableCount>"2 rows"</TableCount>
            </Panel>
        }
    };
    view! {
        {table(TableKind::Plain, "Table")}
        {table(TableKind::Stacked, "Table whose rows become lists")}
        {table(TableKind::Rows, "Table whose rows become two lines")}
    }
}

fn lists() -> impl IntoView {
    view! {
        <Panel kind=PanelKind::Flush labelled_by="lists-title">
            <h2 id="lists-title">"List"</h2>
            <Entries>
                <Entry>
                    <EntryText><RowTitle>"Buy 0.01 BTC"</RowTitle> <Small>"Open since 10:30"</Small></EntryText>
                    <EntryFigures><div><dt>"Price"</dt><dd>"50,000.00"</dd></div></EntryFigures>
                    <EntryActions>
                        <LinkButton size=ButtonSize::Small href="#buttons">"Change"</LinkButton>
                    </EntryActions>
                </Entry>
            </Entries>
        </Panel>
        <Columns even=true>
            <Panel labelled_by="rules-title">
                <h2 id="rules-title">"Rules and findings"</h2>
                <Rules><li>"A rule"</li><li>"Another rule"</li></Rules>
                <Findings>
                    <li class="info">"A finding"</li>
                    <li class="warn">{icon(Icon::Warning)} "A finding that needs attention"</li>
                </Findings>
            </Panel>
            <Panel labelled_by="story-title">
                <h2 id="story-title">"Story"</h2>
                <Story><li>"Received"</li><li>"Filled"</li></Story>
                <Disclosure label="More"><p>"Content that opens."</p></Disclosure>
                <Disclosure label="Less" open=true><p>"Content that is open."</p></Disclosure>
            </Panel>
        </Columns>
    }
}

fn figures() -> impl IntoView {
    let facts = |kind| {
        view! {
            <Facts kind>
                <div><dt>"Quantity"</dt><dd>"0.01000000"</dd></div>
                <div><dt>"Value"</dt><dd>"500.00 USD"</dd></div>
            </Facts>
        }
    };
    view! {
        <Panel labelled_by="figures-title">
            <h2 id="figures-title">"Figures"</h2>
            <FigureList>
                <div><dt>"Total"</dt><FigureValue size=FigureSize::Big>"10,250.00 USD"</FigureValue></div>
                <div><dt>"Cash"</dt><FigureValue>"9,000.00 USD"</FigureValue></div>
                <div><dt>"Change"</dt><FigureValue><Change percentage={1.25} /></FigureValue></div>
                <div><dt>"Change"</dt><FigureValue><Change percentage={-1.25} /></FigureValue></div>
                <div><dt>"Change"</dt><FigureValue><Change percentage={0.0} /></FigureValue></div>
            </FigureList>
            {facts(FactsKind::Plain)} {facts(FactsKind::Paired)} {facts(FactsKind::Figures)}
        </Panel>
    }
}

fn texts() -> impl IntoView {
    view! {
        <Panel kind=PanelKind::Form labelled_by="texts-title">
            <h2 id="texts-title">"Secondary text"</h2>
            <MutedLine>"A secondary sentence."</MutedLine>
            <Note>"A secondary sentence in small type."</Note>
            <LabelLine>"The name of a figure"</LabelLine>
            <p>"A sentence with " <Muted>"a secondary word"</Muted> " and " <SmallMuted>"a small one"</SmallMuted></p>
        </Panel>
    }
}
