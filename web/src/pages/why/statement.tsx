import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useSession } from "@/aws";
import type { Layer, StatementExplanation } from "@/aws/regent";
import { accountDigits } from "@/components/account";
import { arnName, parseArn } from "@/components/arn";
import { ArnLink } from "@/components/arn-link";
import { Loading } from "@/components/panel-state";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";
import { wanted } from "./ladder";
import { namesPolicy, sourceOf } from "./source";

const Document = lazy(() => import("./document").then((m) => ({ default: m.StatementDocument })));

interface Props {
  layer: Layer;
  statement: StatementExplanation;
  /** Whether its document is shown at once. */
  open: boolean;
  /** Whether it applied to the request; otherwise it came close. */
  matched: boolean;
}

/** A statement that said something, or nearly did: whose it is, what the request missed of it, and its document. */
export function Statement({ layer, statement: s, open, matched }: Props) {
  const m = useMessages(messages);
  const { session } = useSession();
  if (!s.Visible) {
    return (
      <Box padding={{ left: "l" }} color="text-body-secondary">
        {m("hiddenStatement")}
      </Box>
    );
  }
  const index = s.Index ?? -1;
  const numbered = index < 0 ? m("wholeDocument") : m("statementNumber", { n: index + 1 });
  const name = s.Sid ? m("statementSid", { sid: s.Sid }) : numbered;
  const source = sourceOf(layer, s, session.accountId);
  return (
    <Box padding={{ left: "l" }}>
      <SpaceBetween size="xxs">
        <div className="break">
          {m.rich(matched ? "matched" : "closest", {
            effect: s.Effect ?? "",
            statement: <strong>{name}</strong>,
            policy: <Policy statement={s} />,
          })}
          <Owner statement={s} />
        </div>
        {s.Mismatch && <MismatchLine mismatch={s.Mismatch} />}
        {source && (
          <Shown open={open}>
            <Suspense fallback={<Loading lines={8} />}>
              <Document source={source} statement={s} label={m("documentOf", { policy: nameOf(s), statement: name })} />
            </Suspense>
          </Shown>
        )}
      </SpaceBetween>
    </Box>
  );
}

const nameOf = (s: StatementExplanation) => s.PolicyName || arnName(s.PolicyArn ?? "");

/** A policy with a page of its own, or the name of one and what it stands on. */
function Policy({ statement: s }: { statement: StatementExplanation }) {
  const m = useMessages(messages);
  const arn = s.PolicyArn ?? "";
  if (arn === "") return <>{s.PolicyName || m("thePolicy")}</>;
  if (!namesPolicy(arn)) return m.rich("policyOf", { policy: nameOf(s), owner: <ArnLink arn={arn} short /> });
  return <ArnLink arn={arn} text={nameOf(s)} />;
}

/** Who may change the policy. */
function Owner({ statement: s }: { statement: StatementExplanation }) {
  const m = useMessages(messages);
  const arn = parseArn(s.PolicyArn ?? "");
  if (!arn) return null;
  const ofOrganization = arn.service === "organizations";
  if (!ofOrganization && arn.account === "") return null; // a bucket's ARN does not say whose it is
  const text = ofOrganization
    ? m("ownedByOrganization")
    : arn.account === "aws"
      ? m("ownedByAws")
      : m("ownedByAccount", { account: accountDigits(arn.account) });
  return (
    <Box variant="small" color="text-body-secondary" display="block">
      {text}
    </Box>
  );
}

/** A document is read when it is first looked at: a ladder may have a dozen. */
function Shown({ open: initially, children }: { open: boolean; children: ReactNode }) {
  const m = useMessages(messages);
  const [open, setOpen] = useState(initially);
  return (
    <ExpandableSection
      headerText={m("showDocument")}
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {open && children}
    </ExpandableSection>
  );
}

function MismatchLine({ mismatch }: { mismatch: NonNullable<StatementExplanation["Mismatch"]> }) {
  const m = useMessages(messages);
  const { wants, has } = wanted(mismatch);
  const values = { wants: <code>{wants}</code>, has: <code>{has}</code> };
  if (mismatch.Element === "condition") {
    return (
      <div className="break">
        {m.rich(mismatch.Absent ? "conditionAbsent" : "condition", {
          ...values,
          key: <code>{mismatch.Key ?? ""}</code>,
          operator: <code>{mismatch.Operator ?? ""}</code>,
        })}
      </div>
    );
  }
  return (
    <div className="break">
      {m.rich(mismatch.Negated ? "elementNegated" : "element", {
        ...values,
        element: m(`element_${mismatch.Element}`),
      })}
    </div>
  );
}
