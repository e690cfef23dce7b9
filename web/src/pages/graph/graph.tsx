import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useSession } from "@/aws";
import { parseArn } from "@/components/arn";
import { useMessages } from "@/messages";
import messages from "@/messages/en/graph";
import { Answers } from "./answers";
import { askedOf, asks, isAction, isPrincipal, isRole, searchOf, type Asked } from "./ask";

/** Asks who can become whom and reach what. The question is in the address, so that an answer can be linked to. */
export function Component() {
  const m = useMessages(messages);
  const [search, setSearch] = useSearchParams();
  const asked = askedOf(search);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={m("description")}>
          {m("title")}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <Form asked={asked} ask={(question) => setSearch(searchOf(question))} />
        </Container>
        {(asked.from !== "" || asked.to !== "") && <Answers key={searchOf(asked).toString()} asked={asked} />}
      </SpaceBetween>
    </ContentLayout>
  );
}

const askTexts = { who: "askWho", become: "askBecome", path: "askPath" } as const;

function Form({ asked, ask }: { asked: Asked; ask: (question: Asked) => void }) {
  const m = useMessages(messages);
  const { session } = useSession();
  const [form, setForm] = useState<Asked>({
    ...asked,
    from: asked.from || (session.kind === "user" ? session.arn : ""),
    action: asked.action || "s3:GetObject",
  });
  const change = (some: Partial<Asked>) => setForm((had) => ({ ...had, ...some }));
  const [tried, setTried] = useState(false);
  const question = { ...form, from: form.from.trim(), to: form.to.trim(), action: form.action.trim() };
  const path = form.ask === "path";
  const toResource = path && question.to !== "" && !isRole(question.to);
  const wrong = {
    from: form.ask !== "who" && !isPrincipal(question.from),
    to: path ? !parseArn(question.to) : form.ask === "who" && !isRole(question.to),
    action: toResource && !isAction(question.action),
  };
  const options = asks.map((value) => ({ value, label: m(askTexts[value]) }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!wrong.from && !wrong.to && !wrong.action) ask(question);
      }}
    >
      <SpaceBetween size="m">
        <FormField label={m("ask")}>
          <Select
            selectedOption={options.find((o) => o.value === form.ask) ?? null}
            options={options}
            onChange={({ detail }) => change({ ask: asks.find((a) => a === detail.selectedOption.value) ?? "who" })}
          />
        </FormField>
        {form.ask !== "who" && (
          <FormField label={m("principal")} errorText={tried && wrong.from ? m("principalWrong") : undefined}>
            <Input value={form.from} spellcheck={false} onChange={({ detail }) => change({ from: detail.value })} />
          </FormField>
        )}
        {form.ask !== "become" && (
          <FormField
            label={m(path ? "target" : "role")}
            description={path ? m("targetText") : undefined}
            errorText={tried && wrong.to ? m(path ? "targetWrong" : "roleWrong") : undefined}
          >
            <Input value={form.to} spellcheck={false} onChange={({ detail }) => change({ to: detail.value })} />
          </FormField>
        )}
        {toResource && (
          <FormField label={m("action")} errorText={tried && wrong.action ? m("actionWrong") : undefined}>
            <Input value={form.action} spellcheck={false} onChange={({ detail }) => change({ action: detail.value })} />
          </FormField>
        )}
        {path && (
          <FormField label={m("ways")}>
            <RadioGroup
              value={form.all ? "all" : "shortest"}
              items={[
                { value: "shortest", label: m("waysShortest") },
                { value: "all", label: m("waysAll") },
              ]}
              onChange={({ detail }) => change({ all: detail.value === "all" })}
            />
          </FormField>
        )}
        <Checkbox
          checked={form.withoutMfa}
          description={m("withoutMfaText")}
          onChange={({ detail }) => change({ withoutMfa: detail.checked })}
        >
          {m("withoutMfa")}
        </Checkbox>
        <Button variant="primary" formAction="submit">
          {m("run")}
        </Button>
      </SpaceBetween>
    </form>
  );
}
