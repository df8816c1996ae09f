//! The look of the interface: each component owns its markup and its classes, and its variants are enums.
//!
//! They know nothing of trading. They work on the server and in islands; the page `/design` shows them in every state.
#![cfg_attr(not(feature = "ssr"), allow(dead_code, unused_imports, reason = "islands use a few of them"))]

mod button;
mod content;
mod facts;
mod form;
mod layout;
mod list;
mod notice;
mod panel;
mod table;
mod tabs;
mod text;

pub(crate) use button::{Button, ButtonSize, Buttons, Chip, ChipGroup, ChipLink, Chips, LinkButton, Look};
pub(crate) use facts::{Facts, FactsKind, FigureList, FigureSize, FigureValue};
pub(crate) use form::{Field, FieldError, FieldPair, FieldStack, Form, Method, options};
pub(crate) use layout::{Columns, Disclosure, Narrow, PageHead, Prose, Stack};
pub(crate) use list::{Entries, Entry, EntryActions, EntryFigures, EntryText, Findings, Rules, Story};
pub(crate) use notice::{Notice, NoticeTitle, Tone};
pub(crate) use panel::{Panel, PanelHead, PanelKind};
pub(crate) use table::{HiddenCaption, NumberCell, NumberHead, Scroll, Table, TableCount, TableKind};
pub(crate) use tabs::TabBar;
pub(crate) use text::{
    Hint, LabelLine, Muted, MutedLine, Note, RowTitle, Small, SmallLink, SmallMuted, SpokenOnly,
};
