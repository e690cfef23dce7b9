/** What new users are to be told: where to sign in, and their passwords, once. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useSession } from "@/aws";
import { signin } from "@/aws/sessions";
import { accountLabel } from "@/components/account";
import { CopyButton } from "@/components/copy-button";
import { csv, download } from "@/components/csv";
import { KeyValue } from "@/components/key-value";
import { path, useTo } from "@/components/links";
import { Secret } from "@/components/secret";
import { Snippet } from "@/components/snippet";
import { useMessages } from "@/messages";
import messages from "@/messages/en/users";
import type { Wanted } from "./create-steps";

export function Created({ wanted, passwords }: { wanted: Wanted; passwords: Map<string, string> }) {
  const m = useMessages(messages);
  const to = useTo();
  const { session } = useSession();
  const url = `${location.origin}${signin}?account=${session.accountAlias || session.accountId}`;
  const mail = (name: string) =>
    m("createdMailText", {
      account: accountLabel(session),
      url,
      name,
      force: wanted.force ? m("createdMailForce") : "",
    });
  return (
    <ContentLayout header={<Header variant="h1">{m("createdTitle")}</Header>}>
      <SpaceBetween size="l">
        <Alert type={wanted.console ? "warning" : "success"}>
          {m(wanted.console ? "createdText" : "createdTextPlain")}
        </Alert>
        {wanted.console && (
          <Container>
            <KeyValue
              columns={1}
              pairs={[{ label: m("createdUrl"), value: <CopyButton text={url} name={m("createdUrl")} shown /> }]}
            />
          </Container>
        )}
        <Table
          ariaLabels={{ tableLabel: m("createdTitle") }}
          items={wanted.names}
          trackBy={(name) => name}
          header={
            <Header
              variant="h2"
              actions={
                wanted.console && (
                  <Button
                    iconName="download"
                    onClick={() =>
                      download(
                        "credentials.csv",
                        csv(
                          [m("csvUser"), m("csvPassword"), m("csvUrl")],
                          wanted.names.map((name) => [name, passwords.get(name) ?? "", url]),
                        ),
                      )
                    }
                  >
                    {m("createdCsv")}
                  </Button>
                )
              }
            >
              {m("title")}
            </Header>
          }
          columnDefinitions={[
            {
              id: "name",
              header: m("name"),
              isRowHeader: true,
              cell: (name) => <Link href={to(path`/iam/users/${name}`)}>{name}</Link>,
            },
            ...(wanted.console
              ? [
                  {
                    id: "password",
                    header: m("password"),
                    cell: (name: string) => (
                      <Secret value={passwords.get(name) ?? ""} name={`${m("password")} ${name}`} />
                    ),
                  },
                ]
              : []),
          ]}
        />
        {wanted.console &&
          wanted.names.map((name) => (
            <ExpandableSection key={name} headerText={m("createdMail", { name })}>
              <Snippet text={mail(name)} name={m("createdMail", { name })} />
            </ExpandableSection>
          ))}
        <Button variant="primary" href={to("/iam/users")}>
          {m("createdDone")}
        </Button>
      </SpaceBetween>
    </ContentLayout>
  );
}
