/** The permissions boundary of a user or a role. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useWrite, type Reading } from "@/aws";
import {
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserPermissionsBoundaryCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
  useIam,
  type IAMClient,
} from "@/aws/iam";
import { useMessages } from "@/messages";
import permissions from "@/messages/en/permissions";
import { ArnLink } from "../arn-link";
import { Ask } from "../ask";
import { DeleteThing } from "../delete-thing";
import { PanelState } from "../panel-state";
import type { ApiCall } from "../snippet";
import type { Entity } from "./entity";
import { PolicyPicker } from "./policy-picker";

type Bounded = Entity & { kind: "user" | "role" };

const put = (iam: IAMClient, { kind, name }: Bounded, arn: string): Promise<unknown> =>
  kind === "user"
    ? iam.send(new PutUserPermissionsBoundaryCommand({ UserName: name, PermissionsBoundary: arn }))
    : iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: name, PermissionsBoundary: arn }));

const remove = (iam: IAMClient, { kind, name }: Bounded): Promise<unknown> =>
  kind === "user"
    ? iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: name }))
    : iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: name }));

const callOf = ({ kind, name }: Bounded, arn?: string): ApiCall => ({
  service: "iam",
  command: `${arn === undefined ? "delete" : "put"}-${kind}-permissions-boundary`,
  options: { [`${kind}-name`]: name, "permissions-boundary": arn },
});

interface Props {
  entity: Bounded;
  /** The boundary's ARN; "" where there is none. */
  boundary: Reading<string>;
  fixed?: boolean;
}

export function Boundary({ entity, boundary, fixed = false }: Props) {
  const m = useMessages(permissions);
  const iam = useIam();
  const [choosing, setChoosing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const has = (boundary.data ?? "") !== "";
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={m("boundaryText")}
          actions={
            !fixed && (
              <SpaceBetween direction="horizontal" size="xs">
                {has && <Button onClick={() => setRemoving(true)}>{m("boundaryRemove")}</Button>}
                <Button onClick={() => setChoosing(true)}>{m(has ? "boundaryChange" : "boundarySet")}</Button>
              </SpaceBetween>
            )
          }
        >
          {m("boundaryTitle")}
        </Header>
      }
    >
      <PanelState
        reading={boundary}
        isEmpty={(arn) => arn === ""}
        lines={1}
        empty={
          <Box color="text-body-secondary">
            <strong>{m("boundaryNone")}</strong>
            <div>{m("boundaryNoneText")}</div>
          </Box>
        }
      >
        {(arn) => <ArnLink arn={arn} />}
      </PanelState>
      {choosing && <Choose entity={entity} current={boundary.data ?? ""} close={() => setChoosing(false)} />}
      {removing && (
        <DeleteThing
          name={entity.name}
          title={m("boundaryRemove")}
          label={m("boundaryRemove")}
          warning={m("boundaryRemoveText")}
          steps={[{ text: m("boundaryRemove"), run: () => remove(iam, entity), call: callOf(entity) }]}
          done={m("boundaryRemoved")}
          invalidates={["iam", entity.kind, entity.name]}
          onClose={() => setRemoving(false)}
        />
      )}
    </Container>
  );
}

function Choose({ entity, current, close }: { entity: Bounded; current: string; close: () => void }) {
  const m = useMessages(permissions);
  const iam = useIam();
  const [chosen, setChosen] = useState(current === "" ? [] : [current]);
  const [arn] = chosen;
  const save = useWrite((policy: string) => put(iam, entity, policy), {
    invalidates: [["iam", entity.kind, entity.name]],
    done: () => m("boundarySaved"),
    onDone: close,
  });
  return (
    <Ask
      title={m("boundaryPick", { name: entity.name })}
      label={m("boundarySet")}
      calls={arn === undefined ? [] : [callOf(entity, arn)]}
      pending={save.pending}
      problem={save.problem}
      disabled={arn === undefined || arn === current}
      size="max"
      onConfirm={() => arn !== undefined && save.start(arn)}
      onClose={close}
    >
      <Alert type="info">{m("boundaryWarning")}</Alert>
      <PolicyPicker single chosen={chosen} onChange={setChosen} />
    </Ask>
  );
}
