// The tools of reporter.py as an extension of pi, which speaks no MCP. What they are comes from the environment, so
// that it is written down once.
const { stem, schema, arguments: wanted, sections } = JSON.parse(process.env.REPORTER);

const told = (value) =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).filter(([, one]) => one !== null).sort())
      : inner,
  );

export default function (pi) {
  for (const section of sections) {
    pi.registerTool({
      name: `${stem}_${section}`,
      label: section,
      description: `REPORT-${section}: tells what was found there.`,
      parameters: schema,
      async execute(_id, given) {
        const right = told(given) === told(wanted);
        const text = right ? `mock-report-${section}-${section.length * 3}` : `not what was written: ${told(given)}`;
        return { content: [{ type: "text", text }], details: {} };
      },
    });
  }
}
