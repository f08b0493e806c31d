//! Alerts of custom (STAR) rules: the rules API (`GET /cloud-detection/alerts`), and the activity
//! 3608 that announces the same alert under the same id.
use crate::agent::{Agent, Scope};
use crate::event::{self, Seen};
use crate::node::{Node, Read};
use crate::words::{self, OWN, put};
use countersign_sdk::source::*;

/// One alert of the rules API.
pub fn alert(record: &Node<'_>) -> Read<Detection> {
    let (info, rule) = (record.get("alertInfo"), record.get("ruleInfo"));
    let id = info.get("alertId").required_id()?;
    let time = info.first(&["createdAt", "reportedAt"]).required_time()?;
    let agent = agent_of_alert(record)?;
    let device = agent.device();
    let source = Seen::read(&record.get("sourceProcessInfo"), &event::IN_ALERT)?;
    let parent = Seen::read(&record.get("sourceParentProcessInfo"), &event::IN_ALERT)?;
    let mut entities: Vec<Entity> = agent.entity().into_iter().collect();
    entities.extend(source.entities(&device, Some(parent)));
    entities.extend(event::objects(
        &info,
        &record.get("targetProcessInfo"),
        &device,
    )?);
    let detection = Detection {
        id,
        product: "sentinelone/singularity".into(),
        time,
        title: title(&rule.get("name"), &info.get("indicatorName")),
        severity: words::severity(&rule.get("severity")),
        rating: words::rating(&rule.get("treatAsThreat"), &info.get("analystVerdict")),
        techniques: Vec::new(),
        entities,
        taken: Vec::new(),
        attributes: Vec::new(),
    };
    let it = agent.on(detection);
    let it = analytic(
        it,
        &rule.get("id"),
        &rule.get("name"),
        &rule.get("description"),
    );
    let it = put(
        it,
        "finding_info.created_time",
        info.get("createdAt").time(),
    );
    let it = put(
        it,
        "finding_info.modified_time",
        info.get("updatedAt").time(),
    );
    let it = put(it, "status", info.get("incidentStatus").text());
    let it = put(
        it,
        &format!("{OWN}analyst_verdict"),
        info.get("analystVerdict").text(),
    );
    Ok(details(it, &info))
}

/// The activity that announces an alert; `data` is flat.
pub fn announced(record: &Node<'_>) -> Read<Detection> {
    let data = record.get("data");
    let id = data.get("alertId").required_id()?;
    let agent = agent_of_activity(record)?;
    let device = agent.device();
    let source = Seen::read(&data, &event::SOURCE)?;
    let parent = Seen::read(&data, &event::PARENT)?;
    let mut entities: Vec<Entity> = agent.entity().into_iter().collect();
    entities.extend(source.entities(&device, Some(parent)));
    entities.extend(event::objects(&data, &data, &device)?);
    let (rule_id, rule_name) = (data.get("ruleId"), data.get("ruleName"));
    let detection = Detection {
        id,
        product: "sentinelone/singularity".into(),
        time: record.get("createdAt").required_time()?,
        title: title(&rule_name, &record.get("primaryDescription")),
        severity: words::severity(&data.get("severity")),
        rating: words::rating(&data.get("treatAsThreat"), &data.get("analystVerdict")),
        techniques: Vec::new(),
        entities,
        taken: Vec::new(),
        attributes: Vec::new(),
    };
    let it = agent.on(detection);
    let it = analytic(it, &rule_id, &rule_name, &data.get("ruleDescription"));
    let it = put(
        it,
        "finding_info.first_seen_time",
        data.get("detectedAt").time(),
    );
    let it = put(it, "metadata.uid", record.get("id").text());
    let it = put(it, "metadata.event_code", record.get("activityType").text());
    Ok(details(it, &data))
}

fn agent_of_alert(record: &Node<'_>) -> Read<Agent> {
    let (then, now) = (
        record.get("agentDetectionInfo"),
        record.get("agentRealtimeInfo"),
    );
    let info = record.get("alertInfo");
    let either = |name: &str| then.get(name).text().or_else(|| now.get(name).text());
    Ok(Agent {
        id: now.get("id").exact()?,
        uuid: then.get("uuid").exact()?.or(now.get("uuid").exact()?),
        name: then.get("name").exact()?.or(now.get("name").exact()?),
        os_name: either("osName"),
        os_type: then.get("osFamily").text().or_else(|| now.get("os").text()),
        os_version: either("osRevision"),
        machine: either("machineType"),
        version: either("version"),
        addresses: words::addresses(&info.get("srcMachineIp")),
        scope: Scope::flat(&then).or(Scope::flat(&now)),
        ..Agent::default()
    })
}

fn agent_of_activity(record: &Node<'_>) -> Read<Agent> {
    let data = record.get("data");
    let mut agent = crate::activity::agent(record)?;
    agent.uuid = data.get("origagentuuid").exact()?;
    agent.name = data.get("origagentname").exact()?.or(agent.name);
    agent.os_name = data.get("origagentosname").text();
    agent.os_type = data.get("origagentosfamily").text();
    agent.os_version = data.get("origagentosrevision").text();
    agent.machine = data.get("origagentmachinetype").text();
    agent.version = data.get("origagentversion").text();
    for name in ["srcMachineIp", "agentIpV4"] {
        agent.addresses.extend(words::addresses(&data.get(name)));
    }
    Ok(agent)
}

fn title(rule: &Node<'_>, other: &Node<'_>) -> String {
    let text = rule.text().or_else(|| other.text());
    words::title(text.unwrap_or_else(|| "Custom rule".into()))
}

fn analytic(it: Detection, id: &Node<'_>, name: &Node<'_>, about: &Node<'_>) -> Detection {
    let it = put(it, "finding_info.analytic.uid", id.text());
    let it = put(it, "finding_info.analytic.name", name.text());
    let it = put(it, "finding_info.analytic.desc", about.text());
    put(it, "finding_info.analytic.type_id", Some(1))
}

/// What is shown and selects nothing.
fn details(mut it: Detection, event: &Node<'_>) -> Detection {
    it = put(
        it,
        "finding_info.desc",
        event.get("indicatorDescription").text(),
    );
    for (name, field) in [
        ("event_type", "eventType"),
        ("event_type", "dvEventType"),
        ("event_uid", "dvEventId"),
        ("indicator.category", "indicatorCategory"),
        ("indicator.name", "indicatorName"),
        ("registry.path", "registryPath"),
        ("registry.key", "registryKeyPath"),
        ("registry.value", "registryValue"),
        ("dns.response", "dnsResponse"),
        ("direction", "netEventDirection"),
    ] {
        it = put(it, &format!("{OWN}{name}"), event.get(field).text());
    }
    it
}
