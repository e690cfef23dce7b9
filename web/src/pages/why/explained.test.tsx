import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { ExplainDecisionResponse } from "@/aws/regent";
import { alice, denied, renderElement } from "@/test/render";
import { Explained } from "./explained";
import { deciding, ladder, notInPlay } from "./ladder";

const document = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "NoDeletes", "Effect": "Deny", "Action": "iam:Delete*", "Resource": "*"}
  ]
}`;

const answer: ExplainDecisionResponse = {
  RequestId: "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
  Basis: "THEN",
  Decision: "explicitDeny",
  Reason: "An identity-based policy denies iam:DeleteUser.",
  Principal: alice.arn,
  Action: "iam:DeleteUser",
  Resource: "arn:aws:iam::111122223333:user/bob",
  Layers: [
    { Layer: "organization", Visible: false, Text: "A policy of the organization: you may not read those." },
    {
      Layer: "identity",
      Visible: true,
      Outcome: "explicitDeny",
      Required: true,
      Matched: [
        {
          Visible: true,
          PolicyName: "guard",
          PolicyArn: alice.arn,
          Sid: "NoDeletes",
          Index: 0,
          Effect: "Deny",
          Line: 4,
          Column: 5,
        },
        { Visible: false },
      ],
    },
    { Layer: "boundary", Visible: true, Outcome: "implicitDeny", Required: true },
  ],
  Fixes: [],
};

test("the statement that denies is marked in its document, and what may not be read is said to be hidden", async () => {
  renderElement(<Explained explanation={answer} />, {
    answers: { GetUserPolicy: () => ({ PolicyDocument: encodeURIComponent(document) }) },
  });
  const layers = within(screen.getByRole("list", { name: "What each layer said" }));
  expect(layers.getByText(/A policy of the organization: you may not read those/)).toBeTruthy();
  expect(layers.getByText("A statement of a policy that you may not read")).toBeTruthy();
  const region = await layers.findByRole("region", { name: /^guard, statement “NoDeletes”/ });
  expect(region.querySelector(".policy-marked")?.textContent).toContain("NoDeletes");
  expect(screen.getByText("By the policies as they were then.")).toBeTruthy();
});

test("a document that one may not read is a denied panel of its own", async () => {
  const answers = {
    GetUserPolicy: () => {
      throw denied("iam:GetUserPolicy", alice.arn);
    },
  };
  renderElement(<Explained explanation={answer} />, { answers });
  await screen.findByText(`You may not iam:GetUserPolicy on ${alice.arn}`);
  expect(screen.getByText(/NoDeletes/)).toBeTruthy();
});

test("a deny decides, whatever else does not allow", () => {
  const layers = ladder(answer);
  expect(layers.map((l) => l.Layer)).toEqual(["organization", "boundary", "identity"]);
  expect([...deciding(layers)].map((l) => l.Layer)).toEqual(["identity"]);
});

test("what had no part in it is said, but not of layers that are hidden", () => {
  expect(notInPlay(ladder(answer))).toEqual(["resource", "session"]);
  expect(notInPlay([])).toEqual(["scp", "rcp", "resource", "boundary", "session"]);
  expect(
    notInPlay([
      { Layer: "trust", Visible: true },
      { Layer: "principal", Visible: false },
    ]),
  ).toEqual(["scp", "rcp"]);
});
