//! The summary for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use lift_group::sim::fault::Kind;
use lift_group::sim::promises::Spans;
use lift_group::sim::summary::Summary;
use serde_json::{Map, Value, json};

/// The summary as JSON; spans in seconds.
pub fn summary(summary: &Summary, took: Duration) -> Value {
    let figures = &summary.figures;
    let measured = summary.spans().map(|(name, all)| (name.replace(' ', "_"), spans(all)));
    json!({
        "runs": summary.runs,
        "virtual_seconds": summary.lasted.as_secs_f64(),
        "real_seconds": took.as_secs_f64(),
        "messages": summary.messages,
        "passengers": summary.passengers,
        "pressed": figures.pressed,
        "lit": figures.lit,
        "answered": figures.answered,
        "forgiven": figures.forgiven,
        "unclear": figures.unclear,
        "lost": summary.lost(),
        "cut_short": summary.cut_short,
        "came_back": figures.came_back,
        "extra_stops": figures.extra_stops,
        "measured": measured.into_iter().collect::<Map<_, _>>(),
        "faults": counts(&summary.faults),
        "left_out": counts(&summary.left_out),
    })
}

fn counts(counts: &BTreeMap<Kind, u64>) -> Value {
    counts.iter().map(|(kind, count)| (kind.name(), json!(count))).collect()
}

fn spans(spans: &Spans) -> Value {
    json!({
        "count": spans.count(),
        "p50": spans.percentile(50).as_secs_f64(),
        "p99": spans.percentile(99).as_secs_f64(),
        "max": spans.longest().as_secs_f64(),
    })
}
