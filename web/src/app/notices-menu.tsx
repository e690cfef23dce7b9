import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Icon from "@cloudscape-design/components/icon";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useProblemTitle } from "@/components/error-panel";
import { Time } from "@/components/time";
import { useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { BarPanel } from "./bar-panel";
import type { NoticeList, Past } from "./notices";

/** What was done since the page was loaded: messages go by, and here they can be read again. */
export function NoticesMenu({ notices }: { notices: NoticeList }) {
  const m = useMessages(shell);
  const { past, unread, read, clear } = notices;
  return (
    <BarPanel
      title={m("notifications")}
      label={m("notificationsLabel", { unread })}
      onOpen={read}
      button={() => (
        <>
          <Icon name="notification" />
          {unread > 0 && <span className="bar-count">{unread}</span>}
        </>
      )}
    >
      {() => (
        <>
          <Header
            variant="h2"
            description={m("notificationsText")}
            actions={
              // It keeps the focus when there is no more to clear.
              <Button onClick={clear} disabled={past.length === 0} disabledReason={m("notificationsNone")}>
                {m("notificationsClear")}
              </Button>
            }
          >
            {m("notifications")}
          </Header>
          {past.length === 0 ? (
            <Box padding={{ top: "s" }}>{m("notificationsNone")}</Box>
          ) : (
            <ul>
              {past.map((one) => (
                <li key={one.id} className="past">
                  <Line one={one} />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </BarPanel>
  );
}

function Line({ one }: { one: Past }) {
  const titleOf = useProblemTitle();
  return (
    <>
      <StatusIndicator type={one.type} wrapText>
        {one.type === "error" ? titleOf(one.problem) : one.text}
      </StatusIndicator>
      <Box fontSize="body-s" color="text-body-secondary">
        {one.type === "error" && one.problem.kind === "failed" && <div>{one.problem.message}</div>}
        <Time value={one.at} relative />
      </Box>
    </>
  );
}
