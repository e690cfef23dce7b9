import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ExplainDecisionResponse, Fix, LayerExplanation } from "@/aws/regent";
import { accountDigits } from "@/components/account";
import { ArnLink } from "@/components/arn-link";
import { CopyButton } from "@/components/copy-button";
import { KeyValue } from "@/components/key-value";
import { pretty } from "@/components/json-view";
import { Snippet } from "@/components/snippet";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";
import { deciding, ladder, notInPlay, request, verdictOf } from "./ladder";
import { Statement } from "./statement";

interface Props {
  explanation: ExplainDecisionResponse;
  /** Whether the policies of then were asked for, and are no longer known. */
  thenUnknown?: boolean;
}

/** An explanation: what was refused, why, what would allow it, and what each layer said. */
export function Explained({ explanation: x, thenUnknown = x.Basis === "NOW" }: Props) {
  const m = useMessages(messages);
  const layers = ladder(x);
  const decided = deciding(layers);
  const absent = notInPlay(layers);
  return (
    <SpaceBetween size="l">
      <Alert type={x.Decision === "allowed" ? "success" : "error"} header={<Title x={x} />}>
        <SpaceBetween size="xxs">
          <div className="break">{x.Reason}</div>
          {x.RequestId && (
            <Box variant="small">{m(x.Basis === "THEN" ? "basisThen" : thenUnknown ? "basisNowOnly" : "basisNow")}</Box>
          )}
        </SpaceBetween>
      </Alert>
      <Container header={<Header variant="h2">{m("request")}</Header>}>
        <KeyValue
          pairs={[
            { label: m("principal"), value: <ArnLink arn={x.Principal} copy /> },
            { label: m("action"), value: <code>{x.Action}</code> },
            { label: m("resource"), value: <ArnLink arn={x.Resource} copy /> },
            ...(x.ResourceAccount ? [{ label: m("resourceAccount"), value: accountDigits(x.ResourceAccount) }] : []),
            ...(x.EventTime ? [{ label: m("when"), value: <Time value={x.EventTime} /> }] : []),
            ...(x.RequestId
              ? [
                  {
                    label: m("requestId"),
                    value: <CopyButton text={x.RequestId} name={m("requestId")} shown />,
                  },
                ]
              : []),
          ]}
        />
      </Container>
      {x.Decision !== "allowed" && <Fixes x={x} />}
      <Container
        header={
          <Header variant="h2" description={m("layersText")}>
            {m("layers")}
          </Header>
        }
      >
        <ol className="steps" aria-label={m("layers")}>
          {layers.map((layer, i) => (
            <li key={i}>
              <Layer layer={layer} decided={decided.has(layer)} />
            </li>
          ))}
          {absent.map((layer) => (
            <li key={layer}>
              <StatusIndicator type="stopped">{m("notInPlay", { layer: m(`layer_${layer}`) })}</StatusIndicator>
            </li>
          ))}
        </ol>
      </Container>
    </SpaceBetween>
  );
}

function Title({ x }: { x: ExplainDecisionResponse }) {
  const m = useMessages(messages);
  const key = x.Decision === "allowed" ? "titleAllowed" : x.Decision === "unknown" ? "titleUnknown" : "titleRefused";
  return <span className="break">{m(key, { action: x.Action, resource: x.Resource })}</span>;
}

function Fixes({ x }: { x: ExplainDecisionResponse }) {
  const m = useMessages(messages);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("fixesText")}
          actions={<CopyButton text={request(x)} label={m("askForAccess")} />}
        >
          {m("fixes")}
        </Header>
      }
    >
      {x.Fixes?.length ? (
        <ol className="steps" aria-label={m("fixes")}>
          {x.Fixes.map((fix, i) => (
            <li key={i}>
              <FixLine fix={fix} />
            </li>
          ))}
        </ol>
      ) : (
        <Box color="text-body-secondary">{m("noFixes")}</Box>
      )}
    </Container>
  );
}

function FixLine({ fix }: { fix: Fix }) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="xs">
      <div className="break">{fix.Text}</div>
      {fix.Account && <Box variant="small">{m("inAccount", { account: accountDigits(fix.Account) })}</Box>}
      {fix.Statement && <Snippet text={pretty(fix.Statement)} name={m("statement")} />}
    </SpaceBetween>
  );
}

const shown = {
  allows: "success",
  denies: "error",
  lacks: "error",
  neutral: "stopped",
  hidden: "info",
} as const;

function Layer({ layer, decided }: { layer: LayerExplanation; decided: boolean }) {
  const m = useMessages(messages);
  const verdict = verdictOf(layer);
  const title =
    layer.Level === undefined || layer.Level === null
      ? m(`layer_${layer.Layer}`)
      : m("layerLevel", { layer: m(`layer_${layer.Layer}`), level: layer.Level });
  const statements = [...(layer.Matched ?? []), ...(layer.Closest ?? [])];
  return (
    <div data-layer={layer.Layer} data-verdict={verdict}>
      <SpaceBetween size="xs">
        <StatusIndicator type={shown[verdict]}>
          {decided ? <strong>{title}</strong> : title}
          {": "}
          {verdict === "hidden" ? (layer.Text ?? m("verdict_hidden")) : m(`verdict_${verdict}`)}
        </StatusIndicator>
        {statements.map((s, i) => (
          <Statement
            key={i}
            layer={layer.Layer}
            statement={s}
            open={decided && i === 0}
            matched={i < (layer.Matched?.length ?? 0)}
          />
        ))}
      </SpaceBetween>
    </div>
  );
}
