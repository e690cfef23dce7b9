/** Renders pages and components as the shell does, with calls answered by the test. */
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { createMemoryRouter, RouterProvider, type RouteObject } from "react-router";
import { vi } from "vitest";
import { Connection } from "@/aws/connection";
import { SessionContext, type CurrentSession } from "@/aws/context";
import { NoticesContext } from "@/aws/notices";
import { newQueryClient } from "@/aws/queries";
import type { Session } from "@/aws/sessions";
import type { ReactNode } from "react";

export const alice: Session = {
  id: "k3f9abcd",
  kind: "user",
  accountId: "111122223333",
  accountAlias: "dev",
  accountName: "Development",
  arn: "arn:aws:iam::111122223333:user/alice",
  userName: "alice",
  roleName: "",
  origin: "",
  displayName: "",
  color: "",
  mfa: true,
  signedInAt: "2026-11-29T08:00:00Z",
  expiresAt: "2099-11-29T20:00:00Z",
  idleExpiresAt: "2099-11-29T09:00:00Z",
  reauthenticatedAt: "2026-11-29T08:00:00Z",
};

/** Answers by the operation's name: { ListUsers: () => ({ Users: [] }) }. What is not there throws. */
export type Answers = Record<string, (input: never) => unknown>;

/** An error as the SDK throws it. */
export function serviceError(code: string, message: string, status = 403): Error {
  const $metadata = { httpStatusCode: status, requestId: "11111111-2222-3333-4444-555555555555" };
  return Object.assign(new Error(message), { name: code, $metadata });
}

export function denied(action: string, resource: string): Error {
  const because = `because no identity-based policy allows the ${action} action`;
  return serviceError(
    "AccessDenied",
    `User: ${alice.arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`,
  );
}

class FakeConnection extends Connection {
  constructor(private readonly answers: Answers) {
    super(
      alice.id,
      "us-east-1",
      async () => false,
      () => {},
      "http://localhost:3000",
    );
  }

  override client<C>(): C {
    return {
      send: async (command: { constructor: { name: string }; input: never }) => {
        const operation = command.constructor.name.replace(/Command$/, "");
        const answer = this.answers[operation];
        if (!answer) throw new Error(`the test has no answer for ${operation}`);
        return answer(command.input);
      },
    } as C;
  }
}

interface Options {
  answers?: Answers;
  session?: Partial<CurrentSession>;
  /** Below the session: /iam/users?page=2. */
  at?: string;
}

function current(options: Options): CurrentSession {
  return {
    session: alice,
    signedIn: alice,
    all: [alice],
    history: [],
    pinned: [],
    region: "us-east-1",
    connection: new FakeConnection(options.answers ?? {}),
    ...options.session,
  };
}

/** Renders an area's routes at an address. The router's state says where it went. */
export function renderRoutes(routes: RouteObject[], options: Options) {
  const session = current(options);
  const queries = newQueryClient();
  queries.setDefaultOptions({ queries: { retry: false } });
  const notices = { success: vi.fn(), info: vi.fn(), warning: vi.fn(), problem: vi.fn() };
  const id = session.session.id;
  const router = createMemoryRouter([{ path: `/~${id}`, HydrateFallback: () => null, children: routes }], {
    initialEntries: [`/~${id}${options.at ?? "/"}`],
  });
  const view = render(
    <QueryClientProvider client={queries}>
      <SessionContext value={session}>
        <NoticesContext value={notices}>
          <RouterProvider router={router} />
        </NoticesContext>
      </SessionContext>
    </QueryClientProvider>,
  );
  return { ...view, router, notices, queries };
}

/** Renders a component within a session. */
export function renderElement(element: ReactNode, options: Options = {}) {
  return renderRoutes(
    [
      { index: true, element },
      { path: "*", element },
    ],
    options,
  );
}
