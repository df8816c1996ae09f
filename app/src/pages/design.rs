//! The components of the interface, each in every state: a page for development, which no navigation leads to.

use cnop_api::{FieldError, Problem};
use cnop_domain::OrderStatus;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::ui::{
    Announcement, Badge, BadgeTone, Button, ButtonSize, Buttons, CONFIRM, Change, Chip, ChipGroup, ChipLink,
    Chips, ChoiceSet, CodeLine, Columns, Disclosure, Dot, Entries, Entry, EntryActions, EntryFigures,
    EntryText, Facts, FactsKind, Field, FieldError as ErrorLine, FieldPair, FieldStack, FigureList,
    FigureSize, FigureValue, Findings, Gain, HiddenCaption, Hint, ICON_BUTTON, LabelLine, LinkButton, Look,
    Muted, MutedLine, Note, Notice, NumberCell, NumberHead, PageHead, Panel, PanelHead, PanelKind,
    PanelSubhead, Price, RadioList, RowTitle, Rules, Scroll, Select, Sheet, SheetBar, SheetHead, SheetScrim,
    Small, SmallLink, SmallMuted, Stack, Story, TabBar, Table, TableCount, TableKind, Timeline, Tone,
    WorthCell, options,
};
use crate::components::{Empty, Failure, Icon, OrderBadge, Pager, icon};
use crate::forms::{Checkbox, FieldUnit, ProblemSummary, Submit, TextField};

/// A text longer than the space for it.
const LONG: &str =
    "A name or a sentence that is longer than the space that it has, and goes on to a second line or is cut";

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
            {buttons()} {badges()} {notices()} {fields()} {choices()} {confirm()} {sheet()} {tables()} {lists()} {figures()} {texts()}
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
            <Buttons>
                <Button>"Button"</Button>
                <Button>{icon(Icon::Search)} "With an icon"</Button>
                <Button disabled=true>"Disabled"</Button>
                <Button look=Look::Primary disabled=true>"Sending…"</Button>
                <Button look=Look::Sell disabled=true>"Disabled"</Button>
                <button r#type="button" class=ICON_BUTTON aria-label="Icon">{icon(Icon::Theme)}</button>
                <button r#type="button" class=ICON_BUTTON aria-label="Icon, pressed" aria-pressed="true">
                    {icon(Icon::Theme)}
                </button>
            </Buttons>
            <Button size=ButtonSize::Wide>{LONG}</Button>
            <ChipGroup label="Buttons that fill a field">
                <Chip fills="design-money" value="25">"25%"</Chip>
                <Chip fills="design-money" value="100">"100%"</Chip>
                <Chip disabled=true>"Disabled"</Chip>
            </ChipGroup>
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

fn badges() -> impl IntoView {
    let amount = |text: &str| text.parse().unwrap_or(cnop_domain::Amount::ZERO);
    let statuses = OrderStatus::ALL.into_iter().map(|status| view! { <OrderBadge status /> }).collect_view();
    view! {
        <Panel kind=PanelKind::Form labelled_by="badges-title">
            <h2 id="badges-title">"Badges and figures in a line"</h2>
            <Buttons>
                <Badge>"Plain"</Badge>
                <Badge tone=BadgeTone::Muted>"Muted"</Badge>
                <Badge tone=BadgeTone::Active>"Active"</Badge>
                <Badge tone=BadgeTone::Good>{icon(Icon::Done)} "Good"</Badge>
                <Badge tone=BadgeTone::Warning>{icon(Icon::Warning)} "Warning"</Badge>
            </Buttons>
            <PanelSubhead>"States of an order"</PanelSubhead>
            <Buttons>{statuses}</Buttons>
            <p><Dot color="text-slice-0" /> " A dot" <Dot color="text-slice-rest" /></p>
            <p><Price>"64,012.50"</Price> ", " <Price unit="BTC">"0.015"</Price></p>
            <p>
                <Change percentage={2.31} /> ", " <Change percentage={-0.4} /> ", " <Change percentage={0.0} /> ", "
                <Gain amount=amount("12.30") /> ", " <Gain amount=amount("-12.30") has_unit=true /> ", "
                <Gain amount=amount("0") />
            </p>
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
            <Notice tone=Tone::Bad>{LONG}</Notice>
            <Announcement framed=true text=Signal::stored("A warning that comes and goes.".to_owned()) />
            <Announcement text=Signal::stored("The same as a line.".to_owned()) />
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
    let unit = Some(FieldUnit::of("USD"));
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
                    <TextField form="design" name="money" label="Amount" unit problem=none value inputmode="decimal" hint />
                    <TextField form="design" name="wrong" label="Amount in USD" problem=refused inputmode="decimal" hint />
                    <TextField form="design" name="secret" label="Password" problem=refused kind="password" />
                    <Field id="design-choice" label="Choice">
                        <Select id="design-choice" name="choice">{options(&choices, "two")}</Select>
                    </Field>
                    <Field id="design-refused" label="Choice">
                        <Select id="design-refused" name="refused" invalid=true error_id="design-refused-error">
                            {options(&choices, "one")}
                        </Select>
                        <ErrorLine id="design-refused-error".to_owned()>"Choose another option."</ErrorLine>
                    </Field>
                    <Field id="design-closed" label="Choice">
                        <Select id="design-closed" name="closed" disabled=true>{options(&choices, "one")}</Select>
                    </Field>
                    <Field id="design-off-text" label="Text">
                        <input id="design-off-text" name="off_text" disabled=true value=LONG />
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

fn choices() -> impl IntoView {
    let radio = |name: &'static str, value: &'static str, checked| {
        view! { <input r#type="radio" id=format!("{name}-{value}") name=name value=value checked=checked /> }
    };
    view! {
        <Panel kind=PanelKind::Form labelled_by="choices-title">
            <h2 id="choices-title">"Choices"</h2>
            <ChoiceSet legend="Unit">
                {radio("design-unit", "btc", true)}
                <label for="design-unit-btc">"BTC"</label>
                {radio("design-unit", "usd", false)}
                <label for="design-unit-usd">"USD"</label>
            </ChoiceSet>
            <RadioList legend="Theme">
                <label>{radio("design-theme", "light", true)} "Light"</label>
                <label>{radio("design-theme", "dark", false)} "Dark"</label>
            </RadioList>
        </Panel>
    }
}

fn confirm() -> impl IntoView {
    view! {
        <div class=CONFIRM role="group" aria-labelledby="confirm-title">
            <h3 id="confirm-title">"Confirm sale"</h3>
            <p>"Sells 50% of your available BTC right away at the bid."</p>
            <Facts kind=FactsKind::Figures><div><dt>"You sell"</dt><dd>"0.025 BTC"</dd></div></Facts>
            <Button look=Look::Sell size=ButtonSize::Wide>"Sell 0.025 BTC for about 1,602.10 USD"</Button>
        </div>
    }
}

fn sheet() -> impl IntoView {
    let open = Signal::stored(use_query_map().with_untracked(|query| query.get("sheet").is_some()));
    view! {
        <SheetScrim open href="/design".to_owned() />
        <Sheet open>
            <SheetHead><p>"Sheet"</p> <LinkButton look=Look::Quiet href="/design">"Close"</LinkButton></SheetHead>
            <Panel kind=PanelKind::Form labelled_by="sheet-title">
                <h2 id="sheet-title">"Content of a sheet"</h2>
                <MutedLine>"On a phone it covers the page from below; on a wide window it stands here."</MutedLine>
            </Panel>
        </Sheet>
        <SheetBar label="Sheet"><LinkButton href="/design?sheet=open">"Open the sheet"</LinkButton></SheetBar>
    }
}

fn tables() -> impl IntoView {
    let table = |kind, label: &'static str| {
        view! {
            <Panel kind=PanelKind::Flush>
                <PanelHead><h2>{label}</h2> <SmallLink href="#buttons">"A link"</SmallLink></PanelHead>
                <Scroll label role="group">
                    <Table kind>
                        <HiddenCaption>{label}</HiddenCaption>
                        <thead>
                            <tr><th scope="col">"Time"</th><th scope="col">"Asset"</th><NumberHead>"Value"</NumberHead></tr>
                        </thead>
                        <tbody>
                            <tr><td>"10:30"</td><td>"Bitcoin"</td><NumberCell label="Value">"1,250.00"</NumberCell></tr>
                            <tr><td>"10:45"</td><td>"Ether"</td><NumberCell label="Value" end=true>"80.10"</NumberCell></tr>
                            <tr><td>"11:00"</td><td class="what">{LONG}</td><WorthCell>"1,234,567.89"</WorthCell></tr>
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
        <Panel kind=PanelKind::Flush>
            <PanelHead><h2>"Table without rows"</h2></PanelHead>
            <Empty title="No orders yet" text="Orders appear here with fill and fee." step=("#buttons", "Place an order") />
        </Panel>
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
                <Timeline><li>"Received"</li><li>{LONG}</li></Timeline>
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
            <CodeLine>"curl https://example.com/api/v1/inventory/assets?limit=3"</CodeLine>
            <Note>"A secondary sentence in small type."</Note>
            <LabelLine>"The name of a figure"</LabelLine>
            <p>"A sentence with " <Muted>"a secondary word"</Muted> " and " <SmallMuted>"a small one"</SmallMuted></p>
        </Panel>
    }
}
