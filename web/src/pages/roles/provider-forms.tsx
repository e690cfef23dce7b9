/** Step 1 for identity providers. */
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect } from "react";
import { useRead } from "@/aws";
import {
  GetOpenIDConnectProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  useIam,
} from "@/aws/iam";
import { arnName } from "@/components/arn";
import { ErrorPanel } from "@/components/error-panel";
import { useMessages } from "@/messages";
import messages from "@/messages/en/create-role";
import type { Claim, SamlTrust, WebTrust } from "./draft";
import { issuerOf, samlAudience } from "./trust-document";

interface ProviderProps {
  kind: "web" | "saml";
  value: string;
  onChange: (arn: string) => void;
  tried: boolean;
}

function ProviderField({ kind, value, onChange, tried }: ProviderProps) {
  const m = useMessages(messages);
  const iam = useIam();
  const providers = useRead(["iam", "providers", kind], async () => {
    const list =
      kind === "web"
        ? (await iam.send(new ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList
        : (await iam.send(new ListSAMLProvidersCommand({}))).SAMLProviderList;
    return (list ?? []).map((p) => p.Arn ?? "");
  });
  const nameOf = kind === "web" ? issuerOf : arnName;
  const missing = tried && value === "" ? m("providerMissing") : undefined;
  if (providers.problem) {
    return (
      <SpaceBetween size="s">
        <ErrorPanel problem={providers.problem} retry={providers.reload} />
        <FormField label={m("provider")} description={m("providerTyped")} errorText={missing}>
          <Input value={value} spellcheck={false} onChange={({ detail }) => onChange(detail.value.trim())} />
        </FormField>
      </SpaceBetween>
    );
  }
  const options = (providers.data ?? []).map((arn) => ({ value: arn, label: nameOf(arn), description: arn }));
  return (
    <FormField label={m("provider")} errorText={missing}>
      <Select
        placeholder={m("providerPlaceholder")}
        statusType={providers.data ? "finished" : "loading"}
        empty={m("providerNone")}
        options={options}
        selectedOption={options.find((o) => o.value === value) ?? null}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}

interface WebProps {
  trust: WebTrust;
  onChange: (part: Partial<WebTrust>) => void;
  tried: boolean;
}

const operators: Claim["operator"][] = ["StringEquals", "StringLike"];

export function WebForm({ trust, onChange, tried }: WebProps) {
  const m = useMessages(messages);
  const iam = useIam();
  const provider = useRead(
    ["iam", "provider", trust.provider],
    () => iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: trust.provider })),
    { enabled: trust.provider.startsWith("arn:") },
  );
  const clients = provider.data?.ClientIDList ?? [];
  // Of one client there is nothing to choose, and without it tokens for any of the provider's clients would do.
  const only = clients.length === 1 && trust.audience === "" ? clients[0] : undefined;
  useEffect(() => {
    if (only !== undefined) onChange({ audience: only });
    // oxlint-disable-next-line react/exhaustive-deps -- its owner makes onChange anew at each rendering
  }, [only]);
  const change = (index: number, part: Partial<Claim>) =>
    onChange({ claims: trust.claims.map((c, i) => (i === index ? { ...c, ...part } : c)) });
  const options = operators.map((value) => ({ value, label: m(`operator_${value}`) }));
  return (
    <SpaceBetween size="l">
      <ProviderField
        kind="web"
        value={trust.provider}
        onChange={(arn) => onChange({ provider: arn, audience: "" })}
        tried={tried}
      />
      <FormField label={m("audience")} description={m("audienceText")}>
        {clients.length > 0 ? (
          <Select
            options={clients.map((value) => ({ value }))}
            selectedOption={trust.audience === "" ? null : { value: trust.audience }}
            onChange={({ detail }) => onChange({ audience: detail.selectedOption.value ?? "" })}
          />
        ) : (
          <Input
            value={trust.audience}
            spellcheck={false}
            onChange={({ detail }) => onChange({ audience: detail.value })}
          />
        )}
      </FormField>
      <FormField label={m("claims")} description={m("claimsText")} stretch>
        <AttributeEditor
          items={trust.claims}
          addButtonText={m("claimAdd")}
          removeButtonText={m("claimRemove")}
          removeButtonAriaLabel={(c) => m("claimRemoveName", { name: c.claim })}
          empty={m("claimsEmpty")}
          onAddButtonClick={() =>
            onChange({
              claims: [
                ...trust.claims,
                { claim: trust.claims.length === 0 ? "sub" : "", operator: "StringEquals", value: "" },
              ],
            })
          }
          onRemoveButtonClick={({ detail }) =>
            onChange({ claims: trust.claims.filter((_, i) => i !== detail.itemIndex) })
          }
          definition={[
            {
              label: m("claim"),
              control: (c, i) => (
                <Input value={c.claim} onChange={({ detail }) => change(i, { claim: detail.value })} />
              ),
              errorText: (c) => (tried && c.claim === "" ? m("claimsMissing") : undefined),
            },
            {
              label: m("operator"),
              control: (c, i) => (
                <Select
                  options={options}
                  selectedOption={options.find((o) => o.value === c.operator) ?? null}
                  onChange={({ detail }) =>
                    change(i, { operator: operators.find((o) => o === detail.selectedOption.value) ?? "StringEquals" })
                  }
                />
              ),
            },
            {
              label: m("value"),
              control: (c, i) => (
                <Input value={c.value} onChange={({ detail }) => change(i, { value: detail.value })} />
              ),
              errorText: (c) => (tried && c.value === "" ? m("claimsMissing") : undefined),
            },
          ]}
        />
      </FormField>
    </SpaceBetween>
  );
}

interface SamlProps {
  trust: SamlTrust;
  onChange: (part: Partial<SamlTrust>) => void;
  tried: boolean;
}

export function SamlForm({ trust, onChange, tried }: SamlProps) {
  const m = useMessages(messages);
  return (
    <SpaceBetween size="l">
      <ProviderField kind="saml" value={trust.provider} onChange={(provider) => onChange({ provider })} tried={tried} />
      <FormField label={m("samlAccess")} stretch>
        <RadioGroup
          value={trust.access}
          items={[
            {
              value: "console",
              label: m("samlAccess_console"),
              description: m("samlAccess_console_text", { audience: samlAudience }),
            },
            {
              value: "programmatic",
              label: m("samlAccess_programmatic"),
              description: m("samlAccess_programmatic_text"),
            },
          ]}
          onChange={({ detail }) => onChange({ access: detail.value as SamlTrust["access"] })}
        />
      </FormField>
      {trust.access === "programmatic" && (
        <FormField label={m("audience")} description={m("samlAudienceText")}>
          <Input
            value={trust.audience}
            spellcheck={false}
            onChange={({ detail }) => onChange({ audience: detail.value })}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}
