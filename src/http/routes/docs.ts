import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';
import { VERSION } from '../../lib/version.ts';
import { isInstalled, notInstalled } from '../optional-packages.ts';
import { insertDates } from '../pages/examples.ts';
import { JSON_TYPE } from '../rest/schemas.ts';
import { pagePolicy } from '../security-headers.ts';
import { shareComponents } from './openapi-components.ts';

const SWAGGER_UI = '@fastify/swagger-ui';

/** A group of operations in the document. */
interface Tag {
  name: string;
  description: string;
}

const DESCRIPTION = `Badges, learning goals and the learning tracker, in the format of v1 of the service. New clients should use
GraphQL.

- **Requests** have a body of at most 1 MiB of JSON. A request whose headers or body arrive too slowly is a 408, and one with
  more than 16 KiB or 100 lines of headers a 431.
- **Errors** are \`{"detail": ..., "code": ..., "request_id": ...}\`. Programs should read \`code\`.
- **Repetitions:** after a 429 or 503, wait for the seconds of \`Retry-After\`. A write may be done despite a 503: repeat it with
  the same \`Idempotency-Key\`.
- **\`x-request-id\`** is in each response. A client can choose it: 1 to 128 letters, digits and \`_ . -\`.
- **Methods:** \`HEAD\` is answered like \`GET\`, \`OPTIONS\` with the methods in \`Allow\`, and a method that the
  path lacks with 405.`;

const TOKEN = `A JWT of the auth-service, as \`Authorization: Bearer ...\`. The auth-service issues it when the user logs in; in
development, \`npm run -s token -- ada\` prints one. Scopes of the token permit more than its user may do: each operation names
the scope that it accepts.`;

/** Same origin only; Swagger UI sets styles inline. */
const CONTENT_SECURITY_POLICY = pagePolicy(
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
);

/** No bar and no empty columns; on a phone, cells below each other. */
const THEME = `
.swagger-ui .topbar, .swagger-ui table.responses-table > * > tr > .response-col_links { display: none !important }
.swagger-ui .info { margin: 30px 0 }
.swagger-ui .scheme-container { padding: 15px 0 }
@media (max-width: 640px) {
  .swagger-ui .wrapper { padding: 0 10px }
  .swagger-ui .opblock .opblock-section-header { gap: 8px }
  .swagger-ui .responses-inner, .swagger-ui .parameters-container, .swagger-ui .table-container { padding: 10px }
  .swagger-ui table.parameters > thead, .swagger-ui table.responses-table > thead { display: none }
  .swagger-ui table.parameters, .swagger-ui table.responses-table,
  .swagger-ui table.parameters > tbody, .swagger-ui table.responses-table > tbody,
  .swagger-ui table.parameters > tbody > tr, .swagger-ui table.responses-table > tbody > tr,
  .swagger-ui table.parameters > tbody > tr > td, .swagger-ui table.responses-table > tbody > tr > td {
    display: block; width: 100%; max-width: 100%; padding: 4px 0; box-sizing: border-box;
  }
  .swagger-ui .parameters-col_description input, .swagger-ui .response-controls select { max-width: 100% }
  .swagger-ui table.headers td, .swagger-ui table.headers th { padding: 4px 8px 4px 0 }
}
`;

/**
 * Adds `/openapi.json`, generated from the route schemas, and `/docs`, which renders it with its own assets. Without
 * Swagger UI, `/docs` is a 404 that names the package.
 */
export async function addDocs(http: FastifyInstance, tags: readonly Tag[]): Promise<void> {
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'user-service',
        description: DESCRIPTION,
        version: VERSION,
        contact: { name: 'The user-service authors' },
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'The host of this document' }],
      tags: tags.toSorted((a, b) => a.name.localeCompare(b.name)),
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: TOKEN } },
      },
    },
    transform: ({ schema, url, route }) => {
      const body = route.config?.documentedBody;
      return { schema: body === undefined ? schema : { ...schema, body }, url };
    },
    transformObject: (document) =>
      'openapiObject' in document ? shareComponents(document.openapiObject) : document.swaggerObject,
  } satisfies FastifyDynamicSwaggerOptions);
  http.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(JSON_TYPE).send(insertDates(JSON.stringify(http.swagger()))),
  );
  await addSwaggerUi(http);
}

async function addSwaggerUi(http: FastifyInstance): Promise<void> {
  if (!isInstalled(SWAGGER_UI)) {
    http.get('/docs', { schema: { hide: true } }, async () => {
      throw new AppError('NOT_FOUND', notInstalled(SWAGGER_UI));
    });
    return;
  }
  const { default: swaggerUi } = await import('@fastify/swagger-ui');
  await http.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CONTENT_SECURITY_POLICY,
    transformSpecification: (document) => JSON.parse(insertDates(JSON.stringify(document))),
    transformSpecificationClone: false,
    uiConfig: {
      deepLinking: true,
      // NOTE: Swagger UI would store the token in localStorage, without an end
      persistAuthorization: false,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
    },
    theme: { title: 'user-service: REST', css: [{ filename: 'theme.css', content: THEME }] },
  });
}
