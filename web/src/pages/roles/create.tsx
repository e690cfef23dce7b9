/** Create role: a wizard whose draft survives a reload, and a role that is half made is gone on with or undone. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { problemOf, useNotices, useSession, type Problem } from "@/aws";
import { useIam } from "@/aws/iam";
import { path, useGo } from "@/components/links";
import { tagsAreValid } from "@/components/tag-editor";
import { useMessages } from "@/messages";
import messages from "@/messages/en/create-role";
import { isDescription } from "./fields";
import { Done } from "./done";
import { dropDraft, emptyDraft, isEmpty, loadDraft, saveDraft, type Draft } from "./draft";
import { isPath, isRoleName } from "./names";
import { permissionsAreDone, PermissionsStep } from "./permissions-step";
import { Progress } from "./progress";
import { ReviewStep, type Found } from "./review-step";
import { actsOf, perform } from "./run";
import { TrustStep } from "./trust-step";
import { trustFaults } from "./trust-document";

export function Component() {
  const [search] = useSearchParams();
  const done = search.get("done");
  return done === null ? <Create /> : <Done name={done} />;
}

const steps = 3;

function Create() {
  const m = useMessages(messages);
  const iam = useIam();
  const go = useGo();
  const notices = useNotices();
  const queries = useQueryClient();
  const { session } = useSession();
  const [draft, setDraft] = useState(() => loadDraft(session.arn));
  const [continued, setContinued] = useState(() => !isEmpty(draft));
  // Of which step somebody tried to leave while something was missing.
  const [tried, setTried] = useState(-1);
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [found, setFound] = useState<Found>({ checking: true, faults: 0, open: 0 });

  const change = useCallback(
    (part: Partial<Draft>) =>
      setDraft((old) => {
        const next = { ...old, ...part };
        saveDraft(session.arn, next);
        return next;
      }),
    [session.arn],
  );
  const startOver = () => {
    dropDraft(session.arn);
    setDraft(emptyDraft);
    setContinued(false);
    setTried(-1);
    setProblem(undefined);
  };
  const acts = useMemo(() => actsOf(iam, draft, session.accountId, m), [iam, draft, session.accountId, m]);

  const run = async () => {
    setRunning(true);
    setProblem(undefined);
    try {
      await perform(acts, draft.made, (made) => change({ made }));
      dropDraft(session.arn);
      notices.success(m("created", { name: draft.name }));
      go(`/iam/roles/create?${new URLSearchParams({ done: draft.name })}`, { replace: true });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setRunning(false);
      void queries.invalidateQueries({ queryKey: [session.id, "iam"] });
    }
  };

  if (draft.made !== null) {
    return (
      <Progress
        name={draft.name}
        acts={acts}
        made={draft.made}
        running={running}
        problem={problem}
        finish={() => void run()}
        undone={() => {
          notices.success(m("undone", { name: draft.name }));
          change({ made: null });
          setProblem(undefined);
          void queries.invalidateQueries({ queryKey: [session.id, "iam"] });
        }}
        keep={() => {
          dropDraft(session.arn);
          go(path`/iam/roles/${draft.name}`);
        }}
      />
    );
  }

  const isDone = (step: number) => {
    if (step === 0) return trustFaults(draft, session.accountId).length === 0;
    if (step === 1) return permissionsAreDone(draft);
    return (
      isRoleName(draft.name) &&
      isPath(draft.path) &&
      isDescription(draft.description) &&
      tagsAreValid(draft.tags) &&
      found.faults === 0 &&
      found.open === 0
    );
  };
  /** Goes to a step, but not past one in which something is missing. */
  const goTo = (wanted: number) => {
    const missing = Array.from({ length: wanted }, (_, i) => i).find((i) => !isDone(i));
    const step = missing ?? wanted;
    setTried(missing ?? -1);
    if (step !== draft.step) {
      change({ step });
      scrollTo(0, 0);
    }
  };
  const at = Math.min(Math.max(draft.step, 0), steps - 1);
  const shared = { draft, onChange: change };

  return (
    <SpaceBetween size="l">
      {continued && (
        <Alert
          type="info"
          dismissible
          onDismiss={() => setContinued(false)}
          action={<Button onClick={startOver}>{m("startOver")}</Button>}
        >
          {m("continued")}
        </Alert>
      )}
      <Wizard
        activeStepIndex={at}
        onNavigate={({ detail }) => goTo(detail.requestedStepIndex)}
        onCancel={() => {
          dropDraft(session.arn);
          go("/iam/roles");
        }}
        onSubmit={() => {
          if (isDone(at)) void run();
          else setTried(at);
        }}
        isLoadingNextStep={running || (at === steps - 1 && found.checking)}
        submitButtonText={m("create")}
        i18nStrings={{
          stepNumberLabel: (step) => m("step", { step }),
          collapsedStepsLabel: (step, count) => m("stepOf", { step, count }),
          navigationAriaLabel: m("steps"),
          cancelButton: m("cancel"),
          previousButton: m("previous"),
          nextButton: m("next"),
          optional: m("optional"),
        }}
        steps={[
          {
            title: m("trustTitle"),
            description: m("trustText"),
            content: <TrustStep {...shared} tried={tried === 0} />,
          },
          {
            title: m("permissionsTitle"),
            description: m("permissionsText"),
            content: <PermissionsStep {...shared} tried={tried === 1} />,
          },
          {
            title: m("reviewTitle"),
            description: m("reviewText"),
            content: <ReviewStep {...shared} tried={tried === 2} goTo={goTo} problem={problem} onFindings={setFound} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}
