namespace Lateen.Registry.Tests.Sources;

/// <summary>A folder of its own for a test, removed afterwards.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lateen-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(File(name))!);
        System.IO.File.WriteAllText(File(name), text);
    }

    /// <summary>Writes as many editors do: another file, renamed over the old one.</summary>
    public void Replace(string name, string text)
    {
        Write($"{name}.swp", text);
        System.IO.File.Move(File($"{name}.swp"), File(name), overwrite: true);
    }

    public void Delete(string name) => System.IO.File.Delete(File(name));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
