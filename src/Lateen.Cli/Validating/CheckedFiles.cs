using System.Text;
using Lateen.Resources.Reading;
using Lateen.Validation;

namespace Lateen.Cli.Validating;

/// <summary>What was found in files, and their texts to show it in.</summary>
internal sealed class CheckedFiles
{
    private const string StandardInput = "-";

    private readonly Dictionary<string, string[]> _lines = [];
    private readonly List<Finding> _findings = [];

    /// <summary>What was found, by file and line.</summary>
    internal IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Objects that were read.</summary>
    internal int Objects { get; private set; }

    /// <summary>Reads and checks files, folders with everything below them, and <c>-</c> for standard input.</summary>
    /// <exception cref="ProblemException">A file is not there or cannot be read.</exception>
    internal static async Task<CheckedFiles> ReadAsync(IEnumerable<string> paths, TextReader input, CancellationToken cancellation)
    {
        var files = new CheckedFiles();
        foreach (var path in paths.SelectMany(Expand))
        {
            try
            {
                var text = path == StandardInput
                    ? await input.ReadToEndAsync(cancellation).ConfigureAwait(false)
                    : await File.ReadAllTextAsync(path, new UTF8Encoding(false), cancellation).ConfigureAwait(false);
                files.Check(path == StandardInput ? "<stdin>" : path, text);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new ProblemException($"{path}: {exception.Message}");
            }
        }

        return files;
    }

    /// <summary>A line of a file, or null.</summary>
    internal string? Line(SourcePosition position) =>
        _lines.TryGetValue(position.File, out var lines) && position.Line >= 1 && position.Line <= lines.Length ? lines[position.Line - 1] : null;

    private void Check(string file, string text)
    {
        var read = ResourceReader.Read(file, text.TrimStart('\uFEFF'));
        Objects += read.Documents.Count;
        Finding[] found = [.. read.Errors.Select(Finding.Of), .. read.Documents.SelectMany(ResourceRules.Check)];
        if (found.Length == 0)
            return;
        _lines[file] = text.Split('\n');
        _findings.AddRange(found.OrderBy(finding => (finding.Position?.Line, finding.Position?.Column)));
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (path == StandardInput || File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new ProblemException($"{path}: no such file or folder");
        return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file).ToUpperInvariant() is ".YAML" or ".YML" or ".JSON").Order(StringComparer.Ordinal);
    }
}
