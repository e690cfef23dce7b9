import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMessages } from "@/messages";
import words from "@/messages/en/password";
import { Loading } from "./panel-state";
import { rulesFor, symbols, usePasswordPolicy, type Rule } from "./password";
import type { PasswordPolicy } from "@/aws/iam";

/** What the account asks of a password, ticked off as it is typed. */
export function PasswordRules({ password }: { password: string }) {
  const m = useMessages(words);
  const policy = usePasswordPolicy();
  if (policy.data === undefined) return policy.problem ? <>{m("rulesHidden")}</> : <Loading lines={2} />;
  return <Rules policy={policy.data} password={password} />;
}

/** The same for a policy that is at hand. */
export function Rules({ policy, password }: { policy: PasswordPolicy | null; password: string }) {
  const m = useMessages(words);
  return (
    <ul className="steps" aria-label={m("rulesTitle")}>
      {rulesFor(policy, password).map((rule) => (
        <li key={rule.kind}>
          <StatusIndicator
            type={rule.met === undefined ? "info" : rule.met ? "success" : "pending"}
            iconAriaLabel={rule.met === undefined ? undefined : m(rule.met ? "ruleMet" : "ruleOpen")}
          >
            <RuleText rule={rule} />
          </StatusIndicator>
        </li>
      ))}
    </ul>
  );
}

function RuleText({ rule }: { rule: Rule }) {
  const m = useMessages(words);
  switch (rule.kind) {
    case "length":
      return m("ruleLength", { length: rule.length });
    case "upper":
      return m("ruleUpper");
    case "lower":
      return m("ruleLower");
    case "number":
      return m("ruleNumber");
    case "symbol":
      return m("ruleSymbol", { symbols });
    case "classes":
      return m("ruleClasses", { symbols });
    case "name":
      return m("ruleName");
    case "reuse":
      return m("ruleReuse", { count: rule.count });
  }
}
