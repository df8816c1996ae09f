//! Names of the generic envelopes. utoipa calls `Data<Vec<AlertView>>` `Data_Vec_AlertView` and writes the row out once
//! more; a client generator needs `AlertList` with a reference to `AlertView`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Path of the named schemas in a reference.
const SCHEMAS: &str = "#/components/schemas/";

/// Renames the envelopes and lets them refer to what they hold.
pub(super) fn name_envelopes(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    let mut names = BTreeMap::new();
    for (name, mut schema) in std::mem::take(schemas) {
        let Some(envelope) = Envelope::of(&name) else {
            schemas.insert(name, schema);
            continue;
        };
        envelope.refer(&mut schema);
        let plain = envelope.plain_name();
        names.insert(format!("{SCHEMAS}{name}"), format!("{SCHEMAS}{plain}"));
        schemas.insert(plain, schema);
    }
    rename(document, &names);
}

/// An envelope and the schema that it holds.
struct Envelope<'a> {
    kind: EnvelopeKind,
    content: &'a str,
}

#[derive(Clone, Copy)]
enum EnvelopeKind {
    One,
    List,
    Page,
}

impl<'a> Envelope<'a> {
    /// The envelope that has this name in utoipa.
    fn of(name: &'a str) -> Option<Self> {
        [("Data_Vec_", EnvelopeKind::List), ("Data_", EnvelopeKind::One), ("Page_", EnvelopeKind::Page)]
            .into_iter()
            .find_map(|(prefix, kind)| name.strip_prefix(prefix).map(|content| Self { kind, content }))
    }

    fn plain_name(&self) -> String {
        let stem = self.content.strip_suffix("View").unwrap_or(self.content);
        let suffix = match self.kind {
            EnvelopeKind::One => "Envelope",
            EnvelopeKind::List => "List",
            EnvelopeKind::Page => "Page",
        };
        format!("{stem}{suffix}")
    }

    fn refer(&self, schema: &mut Value) {
        let reference = json!({ "$ref": format!("{SCHEMAS}{}", self.content) });
        let place = match self.kind {
            EnvelopeKind::One => schema.pointer_mut("/properties/data"),
            EnvelopeKind::List | EnvelopeKind::Page => schema.pointer_mut("/properties/data/items"),
        };
        if let Some(place) = place {
            *place = reference;
        }
    }
}

fn rename(part: &mut Value, names: &BTreeMap<String, String>) {
    match part {
        Value::Object(members) => {
            rename_reference(members, names);
            members.values_mut().for_each(|member| rename(member, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        _ => {}
    }
}

fn rename_reference(members: &mut Map<String, Value>, names: &BTreeMap<String, String>) {
    if let Some(Value::String(reference)) = members.get_mut("$ref")
        && let Some(name) = names.get(reference.as_str())
    {
        reference.clone_from(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_has_a_plain_name_and_refers_to_its_rows() {
        let row = json!({ "type": "object" });
        let mut document = json!({
            "components": { "schemas": {
                "AlertView": row,
                "Data_Vec_AlertView": { "properties": { "data": { "type": "array", "items": row } } },
                "Data_GuardRails": { "properties": { "data": row } },
                "Page_OrderView": { "properties": { "data": { "type": "array", "items": row } } },
            } },
            "paths": { "/alerts": { "$ref": "#/components/schemas/Data_Vec_AlertView" } },
        });
        name_envelopes(&mut document);
        let reference = |name: &str| json!({ "$ref": format!("{SCHEMAS}{name}") });
        let schemas = &document["components"]["schemas"];
        let names: Vec<_> = schemas.as_object().unwrap().keys().collect();
        assert_eq!(names, ["AlertList", "AlertView", "GuardRailsEnvelope", "OrderPage"]);
        assert_eq!(schemas["AlertList"]["properties"]["data"]["items"], reference("AlertView"));
        assert_eq!(schemas["GuardRailsEnvelope"]["properties"]["data"], reference("GuardRails"));
        assert_eq!(schemas["OrderPage"]["properties"]["data"]["items"], reference("OrderView"));
        assert_eq!(document["paths"]["/alerts"], reference("AlertList"));
    }
}
