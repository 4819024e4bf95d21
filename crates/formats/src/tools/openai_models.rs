//! Writes a list of models like the response to OpenAI's `GET /v1/models`, which every OpenAI-compatible client can request.
//!
//! The written id of a model is its reference, `provider/model`, as in the lists of aggregators. `created` is the release date, in seconds since
//! 1970.

use crate::fields::{FieldMapping, fact};
use crate::loss::{Loss, LossReport};
use crate::object::{JsonObject, JsonValue};
use crate::selection::ModelSelection;
use crate::target::{EmitTarget, OutputFile};
use modeldex_table::{Date, Fact, Model, Moment};

pub(super) const TARGET: EmitTarget = EmitTarget {
    name: "openai-models",
    summary: "a list of models, as in the response to GET /v1/models",
    file_name: Some("models.json"),
    fields: &[MODEL],
    changes: &[&[Loss::Retired, Loss::ImpreciseDate]],
    write,
};
const MODEL: &[FieldMapping] = &[fact("created", Fact::ReleaseDate).handled_by_module()];

fn write(selection: &ModelSelection<'_>, losses: &mut LossReport) -> Vec<OutputFile> {
    let (written, retired): (Vec<Model<'_>>, Vec<_>) = selection.models().iter().copied().partition(|model| !selection.is_retired(*model));
    retired.into_iter().for_each(|model| losses.record(Loss::Retired, model));
    let entry = |model: Model<'_>, losses: &mut LossReport| {
        let row = JsonObject::default().with("id", model.reference().to_string()).with("object", "model");
        row.with("created", created(model, losses)).with("owned_by", model.provider().id().to_owned())
    };
    let data: JsonValue<'_> = written.into_iter().map(|model| entry(model, losses)).collect();
    vec![OutputFile::json_compact("models.json", &JsonObject::default().with("object", "list").with("data", data))]
}

fn created(model: Model<'_>, losses: &mut LossReport) -> Option<u64> {
    let date = model.release_date()?;
    let moment = Some(date).filter(|date| date.day().is_some()).and_then(midnight);
    if moment.is_none() {
        losses.record(Loss::ImpreciseDate, model);
    }
    moment.map(|moment| u64::from(moment.minutes()) * 60)
}

fn midnight(date: Date) -> Option<Moment> {
    Moment::parse(&date.to_string()).ok()
}
