import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useConnection, useRead } from "@/aws";
import type { Connection } from "@/aws/connection";
import type { StatementExplanation } from "@/aws/regent";
import { PanelState } from "@/components/panel-state";
import { policiesOf } from "@/components/permissions/entity";
import { documentText } from "@/components/trust";
import { useMessages } from "@/messages";
import messages from "@/messages/en/why";
import { PolicyView } from "@/policy/view";
import { marksOf } from "./marks";
import type { Source } from "./source";

interface Props {
  source: Source;
  statement: StatementExplanation;
  label: string;
}

/** The document that a statement is of, read as anybody reads it, with the statement marked. */
export function StatementDocument({ source, statement, label }: Props) {
  const m = useMessages(messages);
  const connection = useConnection();
  const reading = useRead(keyOf(source), () => read(connection, source));
  return (
    <PanelState
      reading={reading}
      lines={8}
      isEmpty={(text) => text === ""}
      empty={<Box color="text-body-secondary">{m("documentGone")}</Box>}
    >
      {(text) => {
        const marks = marksOf(text, statement);
        return (
          <SpaceBetween size="xs">
            {marks === undefined && <StatusIndicator type="warning">{m("documentChanged")}</StatusIndicator>}
            <PolicyView text={text} marks={marks} label={label} />
          </SpaceBetween>
        );
      }}
    </PanelState>
  );
}

/** Below the keys of what a document is of, so that it is read anew when that is written. */
function keyOf(source: Source): string[] {
  switch (source.kind) {
    case "managed":
      return ["iam", "policy", source.arn, "default", "document"];
    case "inline":
      return ["iam", source.entity, source.owner, "policies", "inline", source.name, "document"];
    case "trust":
      return ["iam", "role", source.role, "trust", "document"];
    case "bucket":
      return ["s3", "bucket", source.bucket, "policy", "document"];
    case "organization":
      return ["organizations", "policy", source.id, "document"];
    case "organizationResource":
      return ["organizations", "resourcepolicy", "document"];
  }
}

/** Clients are loaded when a document of theirs is asked for: most are IAM's. */
async function read(connection: Connection, source: Source): Promise<string> {
  switch (source.kind) {
    case "managed": {
      const { GetPolicyCommand, GetPolicyVersionCommand, IAMClient } = await import("@/aws/iam");
      const iam = connection.client(IAMClient);
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: source.arn }));
      const { PolicyVersion } = await iam.send(
        new GetPolicyVersionCommand({ PolicyArn: source.arn, VersionId: Policy?.DefaultVersionId }),
      );
      return documentText(PolicyVersion?.Document);
    }
    case "inline": {
      const { IAMClient } = await import("@/aws/iam");
      return policiesOf(connection.client(IAMClient), { kind: source.entity, name: source.owner }).get(source.name);
    }
    case "trust": {
      const { GetRoleCommand, IAMClient } = await import("@/aws/iam");
      const { Role } = await connection.client(IAMClient).send(new GetRoleCommand({ RoleName: source.role }));
      return documentText(Role?.AssumeRolePolicyDocument);
    }
    case "bucket": {
      const { GetBucketPolicyCommand, S3Client } = await import("@/aws/s3");
      const { Policy } = await connection.client(S3Client).send(new GetBucketPolicyCommand({ Bucket: source.bucket }));
      return Policy ?? "";
    }
    case "organization": {
      const { DescribePolicyCommand, OrganizationsClient } = await import("@/aws/organizations");
      const { Policy } = await connection
        .client(OrganizationsClient)
        .send(new DescribePolicyCommand({ PolicyId: source.id }));
      return Policy?.Content ?? "";
    }
    case "organizationResource": {
      const { DescribeResourcePolicyCommand, OrganizationsClient } = await import("@/aws/organizations");
      const { ResourcePolicy } = await connection.client(OrganizationsClient).send(new DescribeResourcePolicyCommand());
      return ResourcePolicy?.Content ?? "";
    }
  }
}
