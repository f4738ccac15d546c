using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lateen.ControlPlane;

/// <summary>
/// The file <c>control-plane.json</c> in the state folder, there while a control plane runs: where its API is, and what its owner proves
/// himself with.
/// </summary>
/// <param name="Address">Base address of the API, for example <c>http://127.0.0.1:15014</c>.</param>
/// <param name="ProcessId">The process that serves it.</param>
/// <param name="AdminToken">Bearer token for requests that change something.</param>
public sealed record StatusFile(string Address, int ProcessId, string AdminToken)
{
    private const string Name = "control-plane.json";

    /// <summary>Reads the file; null when no control plane runs with the state folder.</summary>
    /// <exception cref="InvalidDataException">The file is not one that a control plane wrote.</exception>
    public static StatusFile? Read(string stateFolder)
    {
        var path = Path.Combine(stateFolder, Name);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), StatusFileJson.Default.StatusFile);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Writes the file in one step, readable for its owner only.</summary>
    internal void Write(string stateFolder)
    {
        var path = Path.Combine(stateFolder, Name);
        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(draft, options))
            JsonSerializer.Serialize(stream, this, StatusFileJson.Default.StatusFile);
        File.Move(draft, path, overwrite: true);
    }

    internal static void Delete(string stateFolder) => File.Delete(Path.Combine(stateFolder, Name));
}

[JsonSerializable(typeof(StatusFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class StatusFileJson : JsonSerializerContext;
