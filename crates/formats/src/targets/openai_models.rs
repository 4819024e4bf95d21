//! The answer of OpenAI's `GET /v1/models`: a list of ids, which every OpenAI-compatible client can ask for.
//!
//! The id is the whole reference, as aggregators write it. `created` is when the model was released, in seconds since 1970.

use crate::loss::{Loss, Lost, Places};
use crate::selection::Selection;
use crate::target::{Document, Target};
use modeldex_table::{Date, Fact, Model, Moment};
use serde::Serialize;

pub(super) struct OpenAiModels;

const PLACES: Places = Places { facts: &[Fact::ReleaseDate], ..Places::NONE };

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: String,
    object: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<u64>,
    owned_by: &'a str,
}

impl Target for OpenAiModels {
    fn name(&self) -> &'static str {
        "openai-models"
    }

    fn summary(&self) -> &'static str {
        "the answer of GET /v1/models"
    }

    fn file(&self) -> Option<&'static str> {
        Some("models.json")
    }

    fn places(&self) -> Places {
        PLACES
    }

    fn changes(&self) -> Vec<Loss> {
        vec![Loss::Retired, Loss::InexactDate]
    }

    fn write(&self, selection: &Selection<'_>, lost: &mut Lost) -> Vec<Document> {
        let mut data = Vec::new();
        for &model in selection.models() {
            if !selection.answers(model) {
                lost.note(Loss::Retired, model);
                continue;
            }
            lost.note_missing(PLACES, model);
            data.push(Entry {
                id: model.reference().to_string(),
                object: "model",
                created: created(model, lost),
                owned_by: model.provider().id(),
            });
        }
        vec![Document::compact("models.json", &List { object: "list", data })]
    }
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
