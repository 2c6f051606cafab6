// The page says which document to show; nothing is fetched from anywhere but this server.
const place = document.getElementById("api");

// A list of UUIDs is asked for as fields of that name, which Swagger UI does not have: text fields do.
const uuids = ({ React, getComponent }) => ({
  components: {
    JsonSchema_string_uuid: (props) => React.createElement(getComponent("JsonSchema_string"), props),
  },
});

window.ui = SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  plugins: [uuids],
  persistAuthorization: true,
  tagsSorter: "alpha",
  tryItOutEnabled: true,
  validatorUrl: null,
});
