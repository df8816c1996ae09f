//! The look of the interface: each component owns its markup and its classes, and its variants are enums.
//!
//! They know nothing of trading. They work on the server and in islands; the page `/design` shows them in every state.
#![cfg_attr(not(feature = "ssr"), allow(dead_code, unused_imports, reason = "islands use a few of them"))]

mod badge;
mod button;
mod content;
mod facts;
mod form;
mod frame;
mod layout;
mod list;
mod menu;
mod notice;
mod panel;
mod price;
mod sheet;
mod table;
mod tabs;
mod text;

pub(crate) use badge::{Badge, BadgeTone, Dot};
pub(crate) use button::{
    Button, ButtonSize, Buttons, Chip, ChipGroup, ChipLink, Chips, ICON_BUTTON, LinkButton, Look,
};
pub(crate) use facts::{Facts, FactsKind, FigureList, FigureSize, FigureValue};
pub(crate) use form::{
    CONFIRM, Check, ChoiceSet, Field, FieldError, FieldPair, FieldStack, FieldTools, Filter, Form, Method,
    RadioList, Select, StepButton, Unit, options,
};
pub(crate) use frame::{
    Banner, Brand, Footer, FooterLink, SkipLink, TOAST_CLOSE, TOAST_LINK, Toast, TopBar, TopTools,
};
pub(crate) use layout::{Columns, Disclosure, Narrow, PageHead, Prose, Stack};
pub(crate) use list::{
    Entries, Entry, EntryActions, EntryFigures, EntryText, Findings, Rules, Story, Timeline,
};
pub(crate) use menu::{MENU_ENTRY, MENU_LIST, MENU_SWITCH, MenuLink};
pub(crate) use notice::{Announcement, Notice, NoticeTitle, Tone};
pub(crate) use panel::{Panel, PanelHead, PanelKind, PanelSubhead};
pub(crate) use price::{Change, Gain, Price};
pub(crate) use sheet::{Sheet, SheetBar, SheetFoot, SheetHead, SheetScrim};
pub(crate) use table::{
    HiddenCaption, NumberCell, NumberHead, Scroll, Table, TableCount, TableKind, WorthCell,
};
pub(crate) use tabs::TabBar;
pub(crate) use text::{
    CodeLine, Hint, LabelLine, Muted, MutedLine, Note, RowTitle, Small, SmallLink, SmallMuted, SpokenOnly,
};

#[cfg(test)]
mod tests;
