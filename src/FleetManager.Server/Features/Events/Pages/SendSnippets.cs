namespace FleetManager.Server.Features.Events.Pages;

/// <summary>Commands and programs that send to one use case. They run as they stand beside an <c>inspection_photo.jpg</c>.</summary>
internal static class SendSnippets
{
    /// <summary>Stands where the key belongs until there is one.</summary>
    public const string Placeholder = "YOUR_API_KEY";

    public const string Curl = "curl";
    public const string Python = "Python";
    public const string Sdk = "Python SDK";
    public const string Device = "Device";

    public static IReadOnlyList<string> Ways { get; } = [Curl, Python, Sdk, Device];

    /// <param name="Name">For programs.</param>
    /// <param name="Title">For people.</param>
    /// <param name="Text">What to run.</param>
    public sealed record Item(string Name, string Title, string Text);

    /// <param name="way">One of <see cref="Ways"/>.</param>
    /// <param name="server">Address of this server, without a slash at the end.</param>
    /// <param name="secret">The key; null for the placeholder.</param>
    /// <param name="useCaseId">Id of the use case: letters, digits and dashes, so it needs no escape anywhere.</param>
    public static IReadOnlyList<Item> Of(string way, string server, string? secret, string useCaseId)
    {
        var key = secret ?? Placeholder;
        return way switch
        {
            Curl => [new("curl", "Upload an image, then create the event", CurlEvent(server, key, useCaseId)), new("curl-batch", "Send up to 100 events in one request", CurlBatch(server, key, useCaseId))],
            Python => [new("python", "Python, standard library only", PythonProgram(server, key, useCaseId))],
            Sdk => [new("sdk", "Python SDK of the Vision Events API, pointed at this server", SdkProgram(server, key, useCaseId))],
            _ => [new("settings", "The two settings in the device's document", Settings(useCaseId)), new("store", "On the device: write to its event store", Store(useCaseId))],
        };
    }

    private static string CurlEvent(string server, string key, string useCaseId) => $$"""
        # 1. Upload the image; the answer gives it a name: {"success":true,"sourceId":"…","url":"…"}
        SOURCE_ID=$(curl -sS -X POST "{{server}}/vision-events/upload" \
          -H "Authorization: Bearer {{key}}" \
          -F "file=@inspection_photo.jpg" | sed -n 's/.*"sourceId":"\([^"]*\)".*/\1/p')

        # 2. Create the event that shows it
        curl -sS -X POST "{{server}}/vision-events" \
          -H "Content-Type: application/json" \
          -H "Authorization: Bearer {{key}}" \
          -d '{
            "eventType": "quality_check",
            "useCaseId": "{{useCaseId}}",
            "timestamp": "'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'",
            "deviceId": "factory-cam-01",
            "images": [
              {
                "sourceId": "'"$SOURCE_ID"'",
                "objectDetections": [
                  { "class": "defect", "x": 320, "y": 240, "width": 50, "height": 40, "confidence": 0.95 }
                ]
              }
            ],
            "eventData": { "result": "fail" },
            "customMetadata": { "line_id": "line-3", "shift": "morning" }
          }'
        """;

    private static string CurlBatch(string server, string key, string useCaseId) => $$"""
        curl -sS -X POST "{{server}}/vision-events/batch" \
          -H "Content-Type: application/json" \
          -H "Authorization: Bearer {{key}}" \
          -d '{
            "events": [
              {
                "eventType": "quality_check",
                "useCaseId": "{{useCaseId}}",
                "eventData": { "result": "pass" },
                "customMetadata": { "line_id": "line-1" }
              },
              {
                "eventType": "quality_check",
                "useCaseId": "{{useCaseId}}",
                "eventData": { "result": "fail" },
                "customMetadata": { "line_id": "line-2" }
              }
            ]
          }'
        """;

    private static string PythonProgram(string server, string key, string useCaseId) => $$"""
        import datetime
        import json
        import urllib.request
        import uuid

        SERVER = "{{server}}"
        API_KEY = "{{key}}"
        USE_CASE = "{{useCaseId}}"


        def post(path, body, content_type="application/json"):
            headers = {"Authorization": "Bearer " + API_KEY, "Content-Type": content_type}
            with urllib.request.urlopen(urllib.request.Request(SERVER + path, body, headers)) as answer:
                return json.load(answer)


        def upload(path):
            boundary = uuid.uuid4().hex
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="image"\r\n\r\n'
            with open(path, "rb") as image:
                body = head.encode() + image.read() + f"\r\n--{boundary}--\r\n".encode()
            return post("/vision-events/upload", body, "multipart/form-data; boundary=" + boundary)["sourceId"]


        def event(result, **fields):
            return {
                "eventId": str(uuid.uuid4()),  # sending it again is harmless
                "eventType": "quality_check",
                "useCaseId": USE_CASE,
                "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(),
                "eventData": {"result": result},
                **fields,
            }


        # One event with its image
        defect = {"class": "defect", "x": 320, "y": 240, "width": 50, "height": 40, "confidence": 0.95}
        images = [{"sourceId": upload("inspection_photo.jpg"), "objectDetections": [defect]}]
        one = event("fail", deviceId="factory-cam-01", images=images, customMetadata={"line_id": "line-3"})
        print(post("/vision-events", json.dumps(one).encode()))

        # Up to 100 events in one request
        print(post("/vision-events/batch", json.dumps({"events": [event("pass"), event("fail")]}).encode()))
        """;

    private static string SdkProgram(string server, string key, string useCaseId) => $$$"""
        # pip install roboflow
        import os

        os.environ["API_URL"] = "{{{server}}}"  # before the import

        import roboflow

        workspace = roboflow.Roboflow(api_key="{{{key}}}").workspace()

        # One event with its image
        image = workspace.upload_vision_event_image("inspection_photo.jpg")
        print(workspace.write_vision_event({
            "eventType": "quality_check",
            "useCaseId": "{{{useCaseId}}}",
            "deviceId": "factory-cam-01",
            "images": [{"sourceId": image["sourceId"]}],
            "eventData": {"result": "fail"},
        }))

        # Up to 100 events in one request
        print(workspace.write_vision_events_batch([
            {"eventType": "quality_check", "useCaseId": "{{{useCaseId}}}", "eventData": {"result": "pass"}},
            {"eventType": "quality_check", "useCaseId": "{{{useCaseId}}}", "eventData": {"result": "fail"}},
        ]))
        """;

    private static string Settings(string useCaseId) => $$"""
        {
          "eventStore": { "enabled": true },
          "visionEventsBackup": { "enabled": true, "defaultUseCaseId": "{{useCaseId}}" }
        }
        """;

    private static string Store(string useCaseId) => $$"""
        curl -sS -X POST "http://127.0.0.1:8001/v2/events" \
          -H "Content-Type: application/json" \
          -d '{
            "event_schema": "quality_check",
            "solution": "{{useCaseId}}",
            "inference_timestamp": "'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'",
            "event_data": { "result": "fail" },
            "images": [{ "base64Image": "'"$(base64 < inspection_photo.jpg | tr -d '\n')"'" }]
          }'
        """;
}
