//! The hour at an asset's site, from the tenant's files. Night is never looser than day; this
//! only says which it is.

use super::book::Calendar;
use crate::config::TenantConfig;
use crate::model::{GroupId, Millis, Mode, TimeOfDay};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A tenant's working hours, change windows and freezes.
pub struct SiteCalendar(pub Arc<TenantConfig>);

impl Calendar for SiteCalendar {
    fn mode(&self, at: Millis) -> Mode {
        self.0.mode_at(at)
    }
    fn time_of_day(&self, at: Millis, zone: Option<&str>, groups: &BTreeSet<GroupId>) -> TimeOfDay {
        let config = &self.0;
        // a zone that this machine does not know is the tenant's: the asset was imported with it
        let zone = zone
            .and_then(|name| jiff::tz::TimeZone::get(name).ok())
            .unwrap_or_else(|| config.zone.clone());
        TimeOfDay {
            working_hours: config.working_hours.contains(at, &zone),
            change_window: config.change_windows.iter().any(|it| it.covers(at, groups)),
            freeze: config.freezes.iter().any(|it| it.covers(at, groups)),
        }
    }
}
