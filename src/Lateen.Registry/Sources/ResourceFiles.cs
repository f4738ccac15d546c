using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Lateen.Resources.Networking;
using Lateen.Resources.Reading;
using Lateen.Resources.Security;
using Lateen.Validation;

namespace Lateen.Registry.Sources;

/// <summary>
/// The YAML and JSON files of a folder, read as often as asked. A file that is read with errors keeps the objects it had when it was last
/// good; if it never was, those of its objects that are good count.
/// </summary>
/// <param name="folder">The folder, read with everything below it.</param>
public sealed class ResourceFiles(string folder)
{
    /// <summary>The file that says what runs on this machine; it is no resource of the mesh.</summary>
    public const string LocalFile = "local.yaml";

    private static readonly EnumerationOptions Entries = new() { RecurseSubdirectories = false, AttributesToSkip = FileAttributes.Hidden };

    private ImmutableSortedDictionary<string, FileState> _files = ImmutableSortedDictionary.Create<string, FileState>(StringComparer.Ordinal);
    private bool _unread = true;

    /// <summary>Whether a path may be a file, or a folder with files, that is read.</summary>
    public static bool Concerns(string path)
    {
        string extension = Path.GetExtension(path);
        return IsResourceFile(path) || extension.Length == 0 || Directory.Exists(path);
    }

    /// <summary>Reads what changed; null if nothing did. Without the folder everything stays as it was.</summary>
    public SourceContent? Refresh()
    {
        if (!Directory.Exists(folder)) return Missing();
        var now = _files.ToBuilder();
        var root = new DirectoryInfo(folder);
        string[] paths = [.. Find(root).Select(file => Path.Combine(folder, Path.GetRelativePath(root.FullName, file)))];
        now.RemoveRange(_files.Keys.Except(paths));
        foreach (string path in paths)
        {
            if (ReadFile(path, _files.GetValueOrDefault(path)) is { } state) now[path] = state;
            else now.Remove(path);
        }
        bool changed = _unread || _files.Count != now.Count || now.Any(file => _files.GetValueOrDefault(file.Key) != file.Value);
        _files = now.ToImmutable();
        _unread = false;
        return changed ? Content() : null;
    }

    /// <summary>Everything as of the last <see cref="Refresh"/>.</summary>
    public SourceContent Content()
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var documents = new Dictionary<ObjectKey, ResourceDocument>();
        foreach (FileState file in _files.Values)
        {
            findings.AddRange(file.Findings);
            foreach (ResourceDocument document in file.Documents)
            {
                // Foreign objects may leave their naming to the cluster (generateName).
                ObjectKey key = document.Key.Name.Length > 0 ? document.Key : document.Key with { Name = document.Origin.Position.ToString() };
                if (documents.TryAdd(key, document)) continue;
                findings.Add(Finding.Of(FindingCodes.Duplicate, Severity.Error, document.Key, "", document.Origin.Position,
                    $"already in {documents[document.Key].Origin.Position}, which counts; this one has no effect"));
            }
        }
        return new([.. documents.Values.OrderBy(document => document.Origin.Position.File, StringComparer.Ordinal)
            .ThenBy(document => document.Origin.Position.Line)], [], findings.ToImmutable());
    }

    private SourceContent Missing()
    {
        _unread = true;
        SourceContent last = Content();
        return last with { Findings = last.Findings.Add(Finding.Of(new ReadError(new(folder, 1, 1), "the folder is gone; what was read before stays"))) };
    }

    private static FileState? ReadFile(string path, FileState? last)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var unreadable = Finding.Of(new ReadError(new(path, 1, 1), exception.Message));
            return new("", last?.Documents ?? [], [unreadable]);
        }
        string hash = Convert.ToHexString(SHA256.HashData(bytes));
        return hash == last?.Hash ? last : Parse(path, bytes, hash, last);
    }

    private static FileState Parse(string path, byte[] bytes, string hash, FileState? last)
    {
        string text = new UTF8Encoding(false).GetString(bytes).TrimStart('\uFEFF');
        // JSON files are mostly other tools' settings, often with comments in them.
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !text.Contains("\"apiVersion\"", StringComparison.Ordinal))
            return new(hash, [], []);

        ReadResult read = ResourceReader.Read(path, text);
        ImmutableArray<Finding> findings =
        [
            .. read.Errors.Select(Finding.Of),
            .. read.Documents.SelectMany(ResourceRules.Check),
            .. read.Documents.Where(HasNoEffect).Select(document => Finding.Of(
                FindingCodes.NoEffect, Severity.Warning, document.Key, "", document.Origin.Position, "this kind is not supported yet and has no effect")),
        ];
        bool good = findings.All(finding => finding.Severity < Severity.Error);
        if (good || last is null || !last.WasGood) return new(hash, [.. read.Documents.Where(document => IsGood(document, findings))], findings, good);
        return new(hash, last.Documents, findings, WasGood: true);
    }

    private static bool IsGood(ResourceDocument document, ImmutableArray<Finding> findings) =>
        !findings.Any(finding => finding.Severity == Severity.Error && finding.Kind == document.Key.Kind
            && finding.Namespace == document.Key.Namespace && finding.Name == document.Key.Name);

    private static bool HasNoEffect(ResourceDocument document) =>
        document.Key.Group.EndsWith(".istio.io", StringComparison.Ordinal)
        && document.Resource is not (Gateway or VirtualService or DestinationRule or ServiceEntry or PeerAuthentication);

    // Hidden folders and those of build tools hold no configuration; links to folders may lead in a circle.
    private static IEnumerable<string> Find(DirectoryInfo folder)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = folder.GetFileSystemInfos("*", Entries);
        }
        catch (DirectoryNotFoundException)
        {
            // Removed while being read: so nothing is in it.
            return [];
        }
        return entries.SelectMany(entry => entry switch
        {
            DirectoryInfo { LinkTarget: null, Name: not ("node_modules" or "bin" or "obj") } inner => Find(inner),
            FileInfo file when IsResourceFile(file.FullName) => [file.FullName],
            _ => Enumerable.Empty<string>(),
        });
    }

    private static bool IsResourceFile(string path)
    {
        string name = Path.GetFileName(path);
        return !name.StartsWith('.') && name is not (LocalFile or "local.yml")
            && Path.GetExtension(name).ToUpperInvariant() is (".YAML" or ".YML" or ".JSON");
    }

    private sealed record FileState(string Hash, ImmutableArray<ResourceDocument> Documents, ImmutableArray<Finding> Findings, bool WasGood = true);
}
