/* The page at /docs: Swagger UI with the document of this API, without anything from elsewhere. */
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import "./docs.css";

SwaggerUI({
  url: "/openapi.json",
  domNode: document.getElementById("api"),
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false, // a key stays in this page's memory
  validatorUrl: null, // by default it asks a service in the web
});
