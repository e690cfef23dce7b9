import { catalogue } from "..";

/** Which services a user or a role may use, or a policy allows, and when that was last done. */
export default catalogue("access-advisor", {
  advisorTitle: "Last accessed services",
  advisorText:
    "Services that the policies here allow, and when they were last used. What was never used can be taken away.",
  advisorWaiting: "The server is gathering this.",
  advisorAt: "As of {time}",
  advisorEmpty: "No service is allowed",
  advisorEmptyText: "The policies here allow nothing.",
  service: "Service",
  lastAccessed: "Last accessed",
  notAccessed: "Not accessed",
  accessedFrom: "Region",
  accessedBy: "Last accessed by",
  granting: "Allowed by",
  grantingShow: "Which policies?",
  grantingShowName: "Which policies allow {name}?",
  grantingNone: "None any more",
});
