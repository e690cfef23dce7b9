import Button from "@cloudscape-design/components/button";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite } from "@/aws";
import {
  DeleteAccountPasswordPolicyCommand,
  UpdateAccountPasswordPolicyCommand,
  useIam,
  type PasswordPolicy,
} from "@/aws/iam";
import { FormDialog } from "@/components/credentials/dialog";
import { DeleteThing } from "@/components/delete-thing";
import { KeyValue } from "@/components/key-value";
import { PanelState } from "@/components/panel-state";
import { usePasswordPolicy } from "@/components/password";
import { Rules } from "@/components/password-rules";
import { ViewAs } from "@/components/snippet";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import messages from "@/messages/en/settings";
import { formOf, inputOf, isMaxAge, isMinimum, isPolicy, isReuse, type PolicyForm } from "./fields";

const key = ["iam", "password-policy"];

export function PasswordPolicyPanel() {
  const m = useMessages(messages);
  const iam = useIam();
  const [open, setOpen] = useState<"edit" | "delete">();
  const policy = usePasswordPolicy();
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("passwordText")}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {policy.data && <Button onClick={() => setOpen("delete")}>{m("passwordDelete")}</Button>}
              <Button onClick={() => setOpen("edit")}>{m(policy.data ? "passwordEdit" : "passwordSet")}</Button>
            </SpaceBetween>
          }
        >
          {m("passwordTitle")}
        </Header>
      }
    >
      <PanelState reading={policy} lines={4}>
        {(p) => (
          <SpaceBetween size="m">
            {p === null && <Box>{m("passwordNone")}</Box>}
            {p && <Facts policy={p} />}
            <Sample policy={p} />
          </SpaceBetween>
        )}
      </PanelState>
      {open === "edit" && <Edit before={policy.data ?? null} onClose={() => setOpen(undefined)} />}
      {open === "delete" && (
        <DeleteThing
          name={m("policyName")}
          title={m("passwordDeleteTitle")}
          label={m("passwordDelete")}
          warning={m("passwordDeleteText")}
          steps={[
            {
              text: m("passwordDelete"),
              run: () => iam.send(new DeleteAccountPasswordPolicyCommand({})),
              call: { service: "iam", command: "delete-account-password-policy", options: {} },
            },
          ]}
          done={m("passwordDeleted")}
          invalidates={key}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Container>
  );
}

function Facts({ policy }: { policy: PasswordPolicy }) {
  const m = useMessages(messages);
  const c = useMessages(common);
  const { MaxPasswordAge: days = 0, PasswordReusePrevention: count = 0 } = policy;
  return (
    <KeyValue
      columns={4}
      pairs={[
        { label: m("change"), value: c(policy.AllowUsersToChangePassword ? "yes" : "no") },
        { label: m("maxAge"), value: days > 0 ? m("days", { days }) : m("off") },
        { label: m("reuse"), value: count > 0 ? m("count", { count }) : m("off") },
        { label: m("hardExpiry"), value: c(policy.HardExpiry ? "yes" : "no") },
      ]}
    />
  );
}

/** What a policy says of a password, as it is typed. */
function Sample({ policy }: { policy: PasswordPolicy | null }) {
  const m = useMessages(messages);
  const [password, setPassword] = useState("");
  return (
    <SpaceBetween size="xs">
      <FormField label={m("sample")} description={m("sampleText")}>
        <Input
          value={password}
          spellcheck={false}
          autoComplete={false}
          onChange={({ detail }) => setPassword(detail.value)}
        />
      </FormField>
      <Rules policy={policy} password={password} />
    </SpaceBetween>
  );
}

function Edit({ before, onClose }: { before: PasswordPolicy | null; onClose: () => void }) {
  const m = useMessages(messages);
  const iam = useIam();
  const [form, setForm] = useState(() => formOf(before));
  const change = (part: Partial<PolicyForm>) => setForm((old) => ({ ...old, ...part }));
  const input = inputOf(form);
  const save = useWrite<void, unknown>(() => iam.send(new UpdateAccountPasswordPolicyCommand(input)), {
    invalidates: [key],
    done: () => m("passwordSaved"),
    onDone: onClose,
  });
  const classes = ["upper", "lower", "number", "symbol"] as const;
  const flag = (on: boolean | undefined, name: string) => ({ [on ? name : `no-${name}`]: true });
  return (
    <FormDialog
      title={m(before ? "passwordEdit" : "passwordSet")}
      label={m("passwordSet")}
      size="large"
      pending={save.pending}
      disabled={!isPolicy(form)}
      problem={save.problem}
      onSubmit={() => save.start()}
      onClose={onClose}
    >
      <FormField
        label={m("minimum")}
        constraintText={m("minimumHelp")}
        errorText={isMinimum(form.minimum) ? undefined : m("minimumWrong")}
      >
        <Input
          value={form.minimum}
          inputMode="numeric"
          onChange={({ detail }) => change({ minimum: detail.value.trim() })}
        />
      </FormField>
      <FormField label={m("require")}>
        <SpaceBetween size="xxs">
          {classes.map((name) => (
            <Checkbox key={name} checked={form[name]} onChange={({ detail }) => change({ [name]: detail.checked })}>
              {m(name)}
            </Checkbox>
          ))}
        </SpaceBetween>
      </FormField>
      <Checkbox
        checked={form.change}
        description={m("changeText")}
        onChange={({ detail }) => change({ change: detail.checked })}
      >
        {m("change")}
      </Checkbox>
      <FormField
        label={m("maxAge")}
        constraintText={m("maxAgeHelp")}
        errorText={isMaxAge(form.maxAge) ? undefined : m("maxAgeWrong")}
      >
        <Input
          value={form.maxAge}
          inputMode="numeric"
          onChange={({ detail }) => change({ maxAge: detail.value.trim() })}
        />
      </FormField>
      {form.maxAge !== "" && (
        <Checkbox
          checked={form.hardExpiry}
          description={m("hardExpiryText")}
          onChange={({ detail }) => change({ hardExpiry: detail.checked })}
        >
          {m("hardExpiry")}
        </Checkbox>
      )}
      <FormField
        label={m("reuse")}
        constraintText={m("reuseHelp")}
        errorText={isReuse(form.reuse) ? undefined : m("reuseWrong")}
      >
        <Input
          value={form.reuse}
          inputMode="numeric"
          onChange={({ detail }) => change({ reuse: detail.value.trim() })}
        />
      </FormField>
      {isPolicy(form) && <Sample policy={{ ...input, ExpirePasswords: form.maxAge !== "" }} />}
      <ViewAs
        calls={[
          {
            service: "iam",
            command: "update-account-password-policy",
            options: {
              "minimum-password-length": form.minimum,
              ...flag(form.upper, "require-uppercase-characters"),
              ...flag(form.lower, "require-lowercase-characters"),
              ...flag(form.number, "require-numbers"),
              ...flag(form.symbol, "require-symbols"),
              ...flag(form.change, "allow-users-to-change-password"),
              "max-password-age": form.maxAge || undefined,
              "password-reuse-prevention": form.reuse || undefined,
              ...flag(input.HardExpiry, "hard-expiry"),
            },
          },
        ]}
      />
    </FormDialog>
  );
}
