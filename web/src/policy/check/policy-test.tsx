import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { problemOf } from "@/aws";
import { useIam } from "@/aws/iam";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy-editor";
import { covered, mostServices, prefixesOf, useServicesOf } from "../catalog";
import { isStatement, read, type PolicyKind } from "../model/document";
import type { Span } from "../model/findings";
import { isPattern } from "../model/glob";
import { Part } from "../visual/part";
import { simulate, type Decision } from "./simulate";

interface Props {
  text: string;
  kind: PolicyKind;
  broken: boolean;
  onShow: (span: Span) => void;
}

/** isTested reports whether the simulator decides by documents of a kind. */
export const isTested = (kind: PolicyKind) => kind !== "trust" && kind !== "rcp";

/** Asks the server what a document decides, before it is saved. */
export function PolicyTest({ text, kind, broken, onShow }: Props) {
  const m = useMessages(words);
  const iam = useIam();
  const [action, setAction] = useState("");
  const [resource, setResource] = useState("*");
  const [caller, setCaller] = useState("");
  const [context, setContext] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const ofResource = kind === "resource" || kind === "bucket";
  const patterns = useMemo(
    () =>
      read(text).statements.flatMap((s) =>
        isStatement(s) && s.action.shape === "list" ? s.action.values.map((v) => v.value) : [],
      ),
    [text],
  );
  const prefixes = useMemo(() => prefixesOf(patterns).slice(0, mostServices), [patterns]);
  const services = useServicesOf(prefixes);
  const options = useMemo(
    () =>
      services.map((s) => {
        const named = new Set(patterns.flatMap((p) => covered(s, p)));
        const of = (a: { name: string }) => ({ value: `${s.prefix}:${a.name}` });
        return {
          label: s.name,
          options: [...s.actions.filter((a) => named.has(a)), ...s.actions.filter((a) => !named.has(a))].map(of),
        };
      }),
    [services, patterns],
  );
  const run = useMutation({
    mutationFn: () =>
      simulate(iam, {
        text,
        kind,
        action: action.trim(),
        resource: resource.trim() || "*",
        caller: caller.trim(),
        context,
      }),
  });
  const wrongAction = !/^[\w-]+:\w+$/.test(action.trim()) || isPattern(action);
  const wrongCaller = ofResource && !/^arn:aws:iam::\d{12}:user\/.+/.test(caller.trim());
  const decision = run.data;
  const keys = [...new Set([...Object.keys(context), ...(decision?.missing ?? [])])];
  const help = kind === "boundary" || kind === "scp" ? "testHelpCeiling" : ofResource ? "testHelpResource" : "testHelp";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setTried(true);
        if (!wrongAction && !wrongCaller && !broken) run.mutate();
      }}
    >
      <SpaceBetween size="m">
        <Box color="text-body-secondary">{m(help)}</Box>
        <ColumnLayout columns={ofResource ? 3 : 2}>
          <FormField
            label={m("testAction")}
            errorText={tried && wrongAction ? m("testActionMissing") : undefined}
            stretch
          >
            <Autosuggest
              value={action}
              placeholder="s3:GetObject"
              virtualScroll
              expandToViewport
              ariaLabel={m("testAction")}
              options={options}
              enteredTextLabel={(entered) => m("testActionUse", { text: entered })}
              onChange={({ detail }) => setAction(detail.value)}
            />
          </FormField>
          <FormField label={m("testResource")} constraintText={m("testResourceHelp")} stretch>
            <Input
              value={resource}
              spellcheck={false}
              autoComplete={false}
              onChange={({ detail }) => setResource(detail.value)}
            />
          </FormField>
          {ofResource && (
            <FormField
              label={m("testCaller")}
              constraintText={m("testCallerHelp")}
              errorText={tried && wrongCaller ? m("testCallerMissing") : undefined}
              stretch
            >
              <Input
                value={caller}
                placeholder="arn:aws:iam::111122223333:user/alice"
                spellcheck={false}
                autoComplete={false}
                onChange={({ detail }) => setCaller(detail.value)}
              />
            </FormField>
          )}
        </ColumnLayout>
        {keys.length > 0 && (
          <Part title={m("testContext")} description={m("testContextHelp")}>
            <ColumnLayout columns={2}>
              {keys.map((key) => (
                <FormField key={key} label={<code className="policy-code">{key}</code>} stretch>
                  <Textarea
                    rows={1}
                    value={context[key] ?? ""}
                    spellcheck={false}
                    onChange={({ detail }) => setContext({ ...context, [key]: detail.value })}
                  />
                </FormField>
              ))}
            </ColumnLayout>
          </Part>
        )}
        <Button formAction="submit" loading={run.isPending} disabled={broken}>
          {m("testRun")}
        </Button>
        {broken && <Box color="text-body-secondary">{m("testBroken")}</Box>}
        <div aria-live="polite">
          {run.error ? (
            <ErrorPanel problem={problemOf(run.error)} />
          ) : (
            decision && <Outcome decision={decision} text={text} onShow={onShow} />
          )}
        </div>
      </SpaceBetween>
    </form>
  );
}

const outcomes = {
  allowed: { type: "success", text: "testAllowed" },
  explicitDeny: { type: "error", text: "testExplicit" },
  implicitDeny: { type: "stopped", text: "testImplicit" },
} as const;

function Outcome({ decision, text, onShow }: { decision: Decision; text: string; onShow: Props["onShow"] }) {
  const m = useMessages(words);
  const outcome = outcomes[decision.outcome];
  const document = read(decision.text);
  const stale = decision.text !== text;
  return (
    <SpaceBetween size="xs">
      <StatusIndicator type={outcome.type}>{m(outcome.text)}</StatusIndicator>
      {decision.statements.map((index) => {
        const s = document.statements[index];
        if (!s) return null;
        const sid = isStatement(s) && s.sid.shape === "text" ? s.sid.node.value : "";
        const name =
          sid === "" ? m("statementTitle", { number: index + 1 }) : m("statementNamed", { number: index + 1, sid });
        return (
          <div key={index}>
            <Button formAction="none" variant="inline-link" disabled={stale} onClick={() => onShow(s.node)}>
              {m("testBy", { statement: name })}
            </Button>
          </div>
        );
      })}
      {stale && <Box color="text-body-secondary">{m("testStale")}</Box>}
    </SpaceBetween>
  );
}
