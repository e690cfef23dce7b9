import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Reading, Write } from "@/aws";
import { useMessages } from "@/messages";
import common from "@/messages/en/common";
import { ErrorPanel } from "./error-panel";
import { KeyValue } from "./key-value";
import { PanelState } from "./panel-state";
import { ViewAs, type ApiCall } from "./snippet";
import { TagEditor, tagsAreValid, type Tag } from "./tag-editor";

interface Props {
  title: string;
  tags: Reading<Tag[]>;
  save: Write<Tag[], unknown>;
  /** What saving would call, for "View as". */
  calls: (next: Tag[]) => ApiCall[];
  limit?: number;
}

/** The tags of a thing: shown, and changed in place. */
export function TagsPanel({ title, tags, save, calls, limit }: Props) {
  const m = useMessages(common);
  const [draft, setDraft] = useState<Tag[]>();
  const edit = () => {
    save.reset();
    setDraft(tags.data ?? []);
  };
  const changes = draft && tagsAreValid(draft) ? calls(draft) : [];
  const submit = async (next: Tag[]) => {
    if (await save.run(next)) setDraft(undefined);
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            !draft && (
              <Button formAction="none" onClick={edit}>
                {m("edit")}
              </Button>
            )
          }
        >
          {title}
        </Header>
      }
    >
      {draft ? (
        <SpaceBetween size="m">
          {save.problem && <ErrorPanel problem={save.problem} />}
          <TagEditor tags={draft} onChange={setDraft} limit={limit} />
          {changes.length > 0 && <ViewAs calls={changes} />}
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => setDraft(undefined)}>
                {m("cancel")}
              </Button>
              <Button
                formAction="none"
                variant="primary"
                loading={save.pending}
                disabled={!tagsAreValid(draft)}
                onClick={() => void submit(draft)}
              >
                {m("save")}
              </Button>
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      ) : (
        <PanelState
          reading={tags}
          isEmpty={(t) => t.length === 0}
          empty={<Box color="text-body-secondary">{m("tagsEmpty")}</Box>}
        >
          {(all) => <KeyValue columns={4} pairs={all.map((t) => ({ label: t.Key, value: t.Value }))} />}
        </PanelState>
      )}
    </Container>
  );
}
