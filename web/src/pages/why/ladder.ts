/** What the layers of an explanation said, in the order in which they are asked. */
import type { ExplainDecisionResponse, Layer, LayerExplanation, Mismatch } from "@/aws/regent";

/** What a layer means for the answer. */
export type Verdict = "allows" | "denies" | "lacks" | "neutral" | "hidden";

const order = ["scp", "organization", "rcp", "resource", "trust", "boundary", "session", "identity", "principal"];

export function verdictOf(layer: LayerExplanation): Verdict {
  if (!layer.Visible) return "hidden";
  if (layer.Outcome === "allowed") return "allows";
  if (layer.Outcome === "explicitDeny") return "denies";
  return layer.Required ? "lacks" : "neutral";
}

/** The layers from the outermost in: what the organization lets through first, what the principal has last. */
export function ladder(explanation: ExplainDecisionResponse): LayerExplanation[] {
  const rank = (l: LayerExplanation) => {
    const at = order.indexOf(l.Layer);
    return at < 0 ? order.length : at;
  };
  return (explanation.Layers ?? []).toSorted((a, b) => rank(a) - rank(b) || (a.Level ?? 0) - (b.Level ?? 0));
}

/** The layers that had no part in it: those of which nothing is told, where nothing is hidden either. */
export function notInPlay(layers: LayerExplanation[]): Layer[] {
  const told = new Set(layers.map((l) => l.Layer));
  const side = (hidden: Layer, ...all: Layer[]) => (told.has(hidden) ? [] : all.filter((l) => !told.has(l)));
  return [
    ...side("organization", "scp", "rcp"),
    // A role has a trust policy, of which something is told, in place of a policy of the resource.
    ...(told.has("trust") ? [] : side("resource", "resource")),
    ...side("principal", "boundary", "session"),
  ];
}

/** The layers that decided: those that deny, or else those that do not allow and must. */
export function deciding(layers: LayerExplanation[]): Set<LayerExplanation> {
  const denying = layers.filter((l) => verdictOf(l) === "denies");
  return new Set(denying.length > 0 ? denying : layers.filter((l) => verdictOf(l) === "lacks"));
}

/** What a statement asks for, and what there was instead. */
export function wanted(m: Mismatch): { has: string; wants: string } {
  const list = (values: string[] | undefined) => (values ?? []).join(", ");
  return { has: m.Absent ? "" : list(m.RequestValues), wants: list(m.PolicyValues) };
}

/** The text with which somebody asks an administrator for what is missing. */
export function request(explanation: ExplainDecisionResponse): string {
  const lines = [
    `I need ${explanation.Action} on ${explanation.Resource}.`,
    ...(explanation.Principal ? [`I am ${explanation.Principal}.`] : []),
    `It is refused: ${explanation.Reason}`,
    ...(explanation.Fixes ?? []).flatMap((f) => [f.Text, ...(f.Statement ? [f.Statement] : [])]),
    ...(explanation.RequestId ? [`Request ${explanation.RequestId}.`] : []),
    ...(explanation.EncodedMessage ? [`regent why --message ${explanation.EncodedMessage}`] : []),
  ];
  return lines.join("\n");
}
