"""What the plan tells ``reporting.position``. Each read function costs a fixed number of queries:

``plan_facts(programme, as_of, since=None) -> PlanFacts`` and ``readiness_facts(programme, as_of) -> ReadinessFacts``.
"""

from workstreams.facts.plan import plan_facts, workstream_facts
from workstreams.facts.readiness import readiness_facts
from workstreams.facts.values import (
    ConditionFacts,
    DecisionFacts,
    DeliverableFacts,
    InterfaceFacts,
    MilestoneFacts,
    PlanFacts,
    ReadinessFacts,
    SlipFacts,
    VariationFacts,
    WorkstreamFacts,
)

__all__ = [
    "ConditionFacts", "DecisionFacts", "DeliverableFacts", "InterfaceFacts", "MilestoneFacts", "PlanFacts", "ReadinessFacts", "SlipFacts",
    "VariationFacts", "WorkstreamFacts", "plan_facts", "readiness_facts", "workstream_facts",
]
