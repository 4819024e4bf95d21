//! The answer of OpenAI's `GET /v1/models`: a list of ids, which every OpenAI-compatible client can ask for.
//!
//! The id is the whole reference, as aggregators write it. `created` is when the model was released, in seconds since 1970.

use crate::fields::{Field, fact};
use crate::loss::{Loss, Lost};
use crate::object::{Json, Object};
use crate::selection::Selection;
use crate::target::{Document, Target};
use modeldex_table::{Date, Fact, Model, Moment};

pub(super) const TARGET: Target = Target {
    name: "openai-models",
    summary: "the answer of GET /v1/models",
    file: Some("models.json"),
    fields: &[MODEL],
    changes: &[&[Loss::Retired, Loss::InexactDate]],
    write,
};
const MODEL: &[Field] = &[fact("created", Fact::ReleaseDate).by_hand()];

fn write(selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
    let (written, retired): (Vec<Model<'_>>, Vec<_>) = selection.models().iter().copied().partition(|model| selection.answers(*model));
    retired.into_iter().for_each(|model| lost.note(Loss::Retired, model));
    let entry = |model: Model<'_>, lost: &mut Lost| {
        let row = Object::default().with("id", model.reference().to_string()).with("object", "model");
        row.with("created", created(model, lost)).with("owned_by", model.provider().id().to_owned())
    };
    let data: Json<'_> = written.into_iter().map(|model| entry(model, lost)).collect();
    vec![Document::compact("models.json", &Object::default().with("object", "list").with("data", data))]
}

fn created(model: Model<'_>, lost: &mut Lost) -> Option<u64> {
    let date = model.release_date()?;
    let moment = Some(date).filter(|date| date.day().is_some()).and_then(midnight);
    if moment.is_none() {
        lost.note(Loss::InexactDate, model);
    }
    moment.map(|moment| u64::from(moment.minutes()) * 60)
}

fn midnight(date: Date) -> Option<Moment> {
    Moment::parse(&date.to_string()).ok()
}
