/** What pages that show policies use. */
export { PolicyDiff } from "./policy-diff";
export { ConditionWords, EffectBadge, PolicySummary } from "./policy-summary";
export { PolicyView, spanOf, type Mark } from "./policy-view";
export { offsetOf, type Span } from "../model/findings";
