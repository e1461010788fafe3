curl -X POST "http://127.0.0.1:5080/vision-events" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -d '{
    "eventType": "quality_check",
    "useCaseId": "assembly-line-qa",
    "timestamp": "{now}",
    "deviceId": "factory-cam-01",
    "streamId": "line-3",
    "images": [
      {
        "sourceId": "abc123def456",
        "objectDetections": [
          { "class": "defect", "x": 320, "y": 240, "width": 50, "height": 40, "confidence": 0.95 }
        ]
      }
    ],
    "eventData": { "result": "fail" },
    "customMetadata": { "line_id": "line-3", "shift": "morning", "part_number": "PN-4421" }
  }'
