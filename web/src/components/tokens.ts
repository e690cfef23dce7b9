/**
 * Cloudscape's colours and fonts as custom properties. They are read from the components themselves: those that
 * @cloudscape-design/design-tokens names are of another release, and set nowhere.
 */
export * from "../../node_modules/@cloudscape-design/components/internal/generated/styles/tokens.js";
