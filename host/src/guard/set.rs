//! One tenant's guards: the baseline and its own, validated, and sliced by kind of request.
//!
//! About two thirds of the guards can apply to one kind of request; which, is known from the
//! schema and settled at load. A set is never changed: a reload makes a new one and swaps it, so
//! a decision sees one set from its first question to its last.

use super::canary;
use super::deep;
use super::demand::plain_demand;
use super::error::{GuardError, GuardFile};
use super::finding::{Answer, Effect, Finding, PolicyInfo, Reason};
use super::load::{self, Author};
use super::monotone::reads_approvals;
use super::people::{Named, People};
use super::schema::{Kind, Rules, baseline_file, schema_text};
use super::written::Written;
use crate::model::{Digest, Role};
use cedar_policy::{Effect as CedarEffect, Policy, PolicyId, PolicySet};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The guards that bind one tenant. Share it in an `Arc`; asking needs no lock to speak of.
#[derive(Debug)]
pub struct Guards {
    pub(super) rules: Rules,
    pub(super) whole: PolicySet,
    pub(super) by_kind: HashMap<Kind, Slice>,
    /// People named by some guard; only they can be a demand by name.
    pub(super) named: BTreeSet<Named>,
    infos: BTreeMap<String, PolicyInfo>,
    order: Vec<String>,
    digest: Digest,
}

/// The guards that can apply to one kind of request.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) all: PolicySet,
    permits: Vec<Policy>,
    /// The forbids by id; `true` where approvals can open it (a hold, not a floor).
    forbids: HashMap<PolicyId, (Policy, bool)>,
    residuals: Mutex<HashMap<Spoke, Arc<Residual>>>,
}

/// The holds that spoke with nobody approving, and whether the owner's consent stands.
type Spoke = (Vec<PolicyId>, bool);

/// What is still to be asked once it is known which holds spoke with nobody approving.
#[derive(Debug)]
pub(super) struct Residual {
    pub(super) set: PolicySet,
    /// The roles and people that these policies mention: no other can matter to them.
    pub(super) roles: BTreeSet<Role>,
    pub(super) named: BTreeSet<Named>,
    /// What the plain ones among these holds ask for together: nothing less can do.
    pub(super) at_least: People,
}

/// LIMIT: combinations kept a kind of request; there are a few dozen in practice.
const RESIDUALS_MAX: usize = 1024;

impl Guards {
    /// The baseline alone.
    ///
    /// # Errors
    /// `CS-guard-22`: the binary itself is broken.
    pub fn baseline() -> Result<Self, GuardError> {
        Self::assemble(&baseline_file(), &[]).map_err(|errors| first(&errors))
    }

    /// The baseline and one tenant's own guards.
    ///
    /// # Errors
    /// Every error of every file, in the order of files and lines.
    pub fn load(tenant: &[GuardFile]) -> Result<Self, Vec<GuardError>> {
        Self::assemble(&baseline_file(), tenant)
    }

    /// The same with another baseline: how tests break it on purpose.
    pub(super) fn assemble(
        baseline: &GuardFile,
        tenant: &[GuardFile],
    ) -> Result<Self, Vec<GuardError>> {
        deep::stack(|| {
            let rules = Rules::embedded().map_err(|e| vec![e])?;
            let own = std::slice::from_ref(baseline);
            let mut written = load::read(&rules, own, Author::Baseline, &[])?;
            written.extend(load::read(&rules, tenant, Author::Tenant, &written)?);
            let digest = digest(&baseline.text, tenant);
            let guards = Self::build(rules, &written, digest)?;
            canary::sing(&guards).map_err(|why| vec![broken(why)])?;
            Ok(guards)
        })
    }

    fn build(rules: Rules, written: &[Written], digest: Digest) -> Result<Self, Vec<GuardError>> {
        let failed = |why: String| vec![broken(why)];
        let mut by_kind: HashMap<Kind, Vec<Policy>> = HashMap::new();
        for it in written {
            let mut envs = it.policy.get_valid_request_envs(&rules.schema).peekable();
            // INVARIANT: every policy is in some slice, or it would stand against nobody
            if envs.peek().is_none() {
                return Err(vec![
                    it.error("CS-guard-07", "it applies to no kind of request"),
                ]);
            }
            for env in envs {
                let kind = (
                    env.principal().clone(),
                    env.action().clone(),
                    env.resource().clone(),
                );
                by_kind.entry(kind).or_default().push(it.policy.clone());
            }
        }
        let policies: Vec<Policy> = written.iter().map(|it| it.policy.clone()).collect();
        let slices = by_kind
            .into_iter()
            .map(|(kind, policies)| Ok((kind, Slice::new(&policies)?)));
        let infos: Vec<PolicyInfo> = written.iter().map(info).collect();
        Ok(Self {
            by_kind: slices.collect::<Result<_, String>>().map_err(failed)?,
            whole: set(&policies).map_err(failed)?,
            named: named(&policies),
            order: infos.iter().map(|it| it.id.clone()).collect(),
            infos: infos.into_iter().map(|it| (it.id.clone(), it)).collect(),
            rules,
            digest,
        })
    }

    /// Names schema, baseline and the tenant's guards: the same texts have the same digest,
    /// whatever their files are called.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Every policy, baseline first, in the order of files and lines.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyInfo> {
        self.order.iter().filter_map(|id| self.infos.get(id))
    }

    /// What stood against an answer that is not `execute`, by `@overreach` tag: what makes
    /// another product's action an overreach and not only a difference.
    pub fn overreach(&self, answer: &Answer) -> BTreeSet<String> {
        if answer.finding == Finding::Execute {
            return BTreeSet::new();
        }
        answer
            .against
            .iter()
            .filter_map(|it| it.overreach.clone())
            .collect()
    }

    /// What these policies say of themselves, by id.
    pub(super) fn reasons(&self, ids: &[PolicyId]) -> Vec<Reason> {
        let mut all: Vec<Reason> = ids
            .iter()
            .filter_map(|id| self.infos.get(&id.to_string()))
            .map(PolicyInfo::as_reason)
            .collect();
        all.sort();
        all.dedup();
        all
    }
}

impl Slice {
    fn new(policies: &[Policy]) -> Result<Self, String> {
        let permits = |it: &Policy| it.effect() == CedarEffect::Permit;
        let (permits, forbids): (Vec<_>, Vec<_>) = policies.iter().cloned().partition(permits);
        let forbids = forbids.into_iter().map(|it| {
            let hold = reads_approvals(&it);
            (it.id().clone(), (it, hold))
        });
        Ok(Self {
            all: set(policies)?,
            permits,
            forbids: forbids.collect(),
            residuals: Mutex::default(),
        })
    }

    /// `None`: a floor is among those that spoke, so nobody can help.
    pub(super) fn residual(
        &self,
        spoke: &[PolicyId],
        consent: bool,
    ) -> Result<Option<Arc<Residual>>, String> {
        let mut holds = vec![];
        for id in spoke {
            match self.forbids.get(id) {
                Some((policy, true)) => holds.push(policy.clone()),
                _ => return Ok(None),
            }
        }
        // what is kept is complete before it is put in, so a panic elsewhere cannot spoil it
        let mut kept = self
            .residuals
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let key = (spoke.to_vec(), consent);
        if let Some(found) = kept.get(&key) {
            return Ok(Some(found.clone()));
        }
        let made = Arc::new(Residual::new(&self.permits, &holds, consent)?);
        if kept.len() < RESIDUALS_MAX {
            kept.insert(key, made.clone());
        }
        Ok(Some(made))
    }
}

impl Residual {
    fn new(permits: &[Policy], holds: &[Policy], consent: bool) -> Result<Self, String> {
        let rest: Vec<Policy> = permits.iter().chain(holds).cloned().collect();
        let mut at_least = People::default();
        for demand in holds.iter().filter_map(|it| plain_demand(it, consent)) {
            at_least.join(&demand);
        }
        Ok(Self {
            set: set(&rest)?,
            roles: roles(&rest),
            named: named(&rest),
            at_least,
        })
    }
}

fn set(policies: &[Policy]) -> Result<PolicySet, String> {
    PolicySet::from_policies(policies.iter().cloned()).map_err(|e| e.to_string())
}

fn literals(policies: &[Policy], kind: &str) -> BTreeSet<String> {
    let all = policies.iter().flat_map(Policy::entity_literals);
    let of_kind = all.filter(|it| it.type_name().to_string() == kind);
    of_kind.map(|it| it.id().unescaped().to_owned()).collect()
}

fn named(policies: &[Policy]) -> BTreeSet<Named> {
    literals(policies, "Person")
        .iter()
        .map(|id| Named::new(id))
        .collect()
}

fn roles(policies: &[Policy]) -> BTreeSet<Role> {
    literals(policies, "Role")
        .iter()
        .filter_map(|id| Role::parse(id))
        .collect()
}

fn info(it: &Written) -> PolicyInfo {
    let note = |name: &str| it.policy.annotation(name).map(str::to_owned);
    let start = GuardError::at("", &it.file, it.span.clone(), "");
    let permits = it.policy.effect() == CedarEffect::Permit;
    PolicyInfo {
        id: note("id").unwrap_or_default(),
        effect: if permits {
            Effect::Permit
        } else {
            Effect::Forbid
        },
        reason: note("reason").unwrap_or_default(),
        advice: note("advice"),
        overreach: note("overreach"),
        floor: !permits && !reads_approvals(&it.policy),
        file: it.file.name.clone(),
        line: start.line,
        text: it.text().to_owned(),
    }
}

fn digest(baseline: &str, tenant: &[GuardFile]) -> Digest {
    let mut own: Vec<&str> = tenant.iter().map(|file| &*file.text).collect();
    own.sort_unstable();
    let all = [schema_text(), baseline].into_iter().chain(own);
    Digest::of_parts(all.map(str::as_bytes))
}

fn broken(why: String) -> GuardError {
    GuardError::whole("CS-guard-22", "guards", why)
}

fn first(errors: &[GuardError]) -> GuardError {
    errors
        .first()
        .cloned()
        .unwrap_or_else(|| broken("the baseline does not load".to_owned()))
}
