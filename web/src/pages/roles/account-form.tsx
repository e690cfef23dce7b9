/** Step 1 for an account: whose, who of it, and what they have to bring. */
import Alert from "@cloudscape-design/components/alert";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { readAll, useRead, useSession } from "@/aws";
import { ListRolesCommand, ListUsersCommand, type IAMClient } from "@/aws/iam";
import { useSessionIn } from "@/aws/other";
import { accountDigits } from "@/components/account";
import { accountMeant, useKnownAccounts, type KnownAccount } from "@/components/known-accounts";
import { TokenInput } from "@/components/token-input";
import { useMessages } from "@/messages";
import messages from "@/messages/en/create-role";
import type { AccountTrust } from "./draft";
import { accountOf, isExternalId, isPrincipalName, newExternalId } from "./trust-document";

interface Props {
  trust: AccountTrust;
  onChange: (part: Partial<AccountTrust>) => void;
  /** Somebody tried to go on: what is missing is said. */
  tried: boolean;
}

export function AccountForm({ trust, onChange, tried }: Props) {
  const m = useMessages(messages);
  const { session } = useSession();
  const account = accountOf(trust, session.accountId);
  return (
    <SpaceBetween size="l">
      <FormField label={m("whose")} stretch>
        <RadioGroup
          value={trust.whose}
          items={[
            { value: "other", label: m("whose_other") },
            { value: "this", label: m("whose_this", { account: accountDigits(session.accountId) }) },
          ]}
          onChange={({ detail }) => onChange({ whose: detail.value as AccountTrust["whose"], names: [] })}
        />
      </FormField>
      {trust.whose === "other" && <AccountField trust={trust} onChange={onChange} tried={tried} />}
      <FormField label={m("who")} stretch>
        <RadioGroup
          value={trust.who}
          items={[
            { value: "everybody", label: m("who_everybody"), description: m("who_everybody_text") },
            { value: "named", label: m("who_named"), description: m("who_named_text") },
          ]}
          onChange={({ detail }) => onChange({ who: detail.value as AccountTrust["who"] })}
        />
      </FormField>
      {trust.who === "named" && (
        <NamesField
          account={account}
          names={trust.names}
          onChange={(names) => onChange({ names })}
          missing={tried && trust.names.length === 0 ? m("namesMissing") : undefined}
        />
      )}
      <Requirements trust={trust} onChange={onChange} tried={tried} />
    </SpaceBetween>
  );
}

const optionOf = (a: KnownAccount) => ({
  value: a.id,
  label: a.alias || a.name || a.id,
  description: accountDigits(a.id),
  filteringTags: [a.id, a.alias, a.name].filter((t) => t !== ""),
});

function AccountField({ trust, onChange, tried }: Props) {
  const m = useMessages(messages);
  const { session } = useSession();
  const accounts = useKnownAccounts();
  const others = (list: KnownAccount[]) => list.filter((a) => a.id !== session.accountId).map(optionOf);
  const groups = [
    { label: m("accountsOpen"), options: others(accounts.open) },
    { label: m("accountsRecent"), options: others(accounts.recent) },
    { label: m("accountsOrganization"), options: others(accounts.organization) },
  ].filter((g) => g.options.length > 0);
  const found = accounts.all.find((a) => a.id === trust.id);
  const name = found?.alias || found?.name || "";
  const typed = trust.account.trim();
  const wrong = typed !== "" && trust.id === "" && !/^[\d-]{1,13}$/.test(typed);
  const choose = (text: string) => onChange({ account: text, id: accountMeant(text, accounts.all) ?? "", names: [] });
  return (
    <FormField
      label={m("account")}
      description={m("accountText")}
      stretch
      errorText={wrong ? m("accountUnknown") : tried && trust.id === "" ? m("accountMissing") : undefined}
      warningText={trust.id === session.accountId ? m("accountSame") : undefined}
      constraintText={
        trust.id === ""
          ? accounts.problem?.kind === "denied"
            ? m("organizationDenied")
            : undefined
          : name === ""
            ? m("accountIs", { account: accountDigits(trust.id) })
            : m("accountIsNamed", { account: accountDigits(trust.id), name })
      }
    >
      <Autosuggest
        value={trust.account}
        placeholder={m("accountPlaceholder")}
        options={groups}
        enteredTextLabel={(text) => m("accountUse", { text })}
        expandToViewport
        onChange={({ detail }) => choose(detail.value)}
      />
    </FormField>
  );
}

interface NamesProps {
  account: string;
  names: string[];
  onChange: (names: string[]) => void;
  missing: string | undefined;
}

/** With a session of the account its users and roles are offered; without one, they are typed. */
function NamesField({ account, names, onChange, missing }: NamesProps) {
  const m = useMessages(messages);
  const there = useSessionIn(account === "" ? undefined : account);
  const known = useRead(["of", there?.session.id, "iam", "principals"], () => principals(there?.iam as IAMClient), {
    enabled: there !== undefined,
  });
  return (
    <TokenInput
      label={m("names")}
      description={m("namesText")}
      values={names}
      onChange={onChange}
      options={(known.data ?? []).map((value) => ({ value }))}
      check={(name) => (isPrincipalName(name, account) ? undefined : m("namesBad"))}
      missing={missing}
      placeholder="user/alice"
      texts={{
        add: m("namesAdd"),
        use: (text) => m("namesUse", { text }),
        remove: (name) => m("namesRemove", { name }),
        chosen: m("namesChosen"),
      }}
    />
  );
}

/** Users and roles with their paths, as a trust policy names them. What may not be listed is not offered. */
async function principals(iam: IAMClient): Promise<string[]> {
  const [users, roles] = await Promise.all([
    readAll(async (Marker) => {
      const page = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }));
      return { items: (page.Users ?? []).map((u) => `user${u.Path ?? "/"}${u.UserName ?? ""}`), next: page.Marker };
    }).catch(() => []),
    readAll(async (Marker) => {
      const page = await iam.send(new ListRolesCommand({ Marker, MaxItems: 1000 }));
      return { items: (page.Roles ?? []).map((r) => `role${r.Path ?? "/"}${r.RoleName ?? ""}`), next: page.Marker };
    }).catch(() => []),
  ]);
  return [...users, ...roles];
}

function Requirements({ trust, onChange, tried }: Props) {
  const m = useMessages(messages);
  const bad = trust.externalId !== "" || tried ? !isExternalId(trust.externalId) : false;
  return (
    <SpaceBetween size="s">
      <Checkbox
        checked={trust.requireExternalId}
        description={m("requireExternalIdText")}
        onChange={({ detail }) => onChange({ requireExternalId: detail.checked })}
      >
        {m("requireExternalId")}
      </Checkbox>
      {trust.requireExternalId && (
        <SpaceBetween size="s">
          <Alert type="warning">{m("externalIdWarning")}</Alert>
          <FormField
            label={m("externalId")}
            constraintText={m("externalIdText")}
            errorText={bad ? m("externalIdBad") : undefined}
            secondaryControl={
              <Button onClick={() => onChange({ externalId: newExternalId() })}>{m("externalIdMake")}</Button>
            }
          >
            <Input
              value={trust.externalId}
              autoComplete={false}
              spellcheck={false}
              onChange={({ detail }) => onChange({ externalId: detail.value })}
            />
          </FormField>
        </SpaceBetween>
      )}
      <Checkbox
        checked={trust.requireMfa}
        description={m("requireMfaText")}
        onChange={({ detail }) => onChange({ requireMfa: detail.checked })}
      >
        {m("requireMfa")}
      </Checkbox>
      {trust.requireMfa && <Alert type="info">{m("mfaNote")}</Alert>}
    </SpaceBetween>
  );
}
