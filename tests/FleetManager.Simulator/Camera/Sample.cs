using System.Text.Json;

namespace FleetManager.Simulator.Camera;

/// <summary>A photograph, its annotated output image, and the event that goes with them (see samples/README.md).</summary>
/// <param name="Name">File name without extension.</param>
/// <param name="Input">The original photograph, JPEG.</param>
/// <param name="Output">The annotated one, JPEG.</param>
/// <param name="Event">The event as the Event Store API takes it, without its images' bytes and without its time.</param>
internal sealed record Sample(string Name, byte[] Input, byte[] Output, JsonElement Event)
{
    /// <summary>Reads all samples of a directory, in the order of their names.</summary>
    public static IReadOnlyList<Sample> LoadAll(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new SimulatorException($"The samples directory {directory} does not exist: give --samples a directory of NAME.jpg, NAME.output.jpg and NAME.json");
        }

        var files = Directory.GetFiles(directory, "*.json").Order(StringComparer.Ordinal).ToList();
        return files.Count > 0
            ? files.ConvertAll(Load)
            : throw new SimulatorException($"The samples directory {directory} holds no NAME.json: give --samples a directory of NAME.jpg, NAME.output.jpg and NAME.json");
    }

    private static Sample Load(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var input = ReadPicture(Path.ChangeExtension(file, ".jpg"));
        var output = ReadPicture(Path.ChangeExtension(file, ".output.jpg"));
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var body = document.RootElement.Clone();
            return body.TryGetProperty("images", out var images) && images.GetArrayLength() == 1
                ? new Sample(name, input, output, body)
                : throw new SimulatorException($"{file} must be an event with one entry in \"images\"");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SimulatorException($"{file} is not an event in JSON: {e.Message}");
        }
    }

    private static byte[] ReadPicture(string file) => File.Exists(file)
        ? File.ReadAllBytes(file)
        : throw new SimulatorException($"{file} is missing: each sample needs NAME.jpg, NAME.output.jpg and NAME.json");
}
