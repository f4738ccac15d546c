using CsCheck;
using Lateen.Registry.Building;
using Lateen.Registry.Sources;
using Lateen.Resources.Reading;
using Lateen.Validation;

namespace Lateen.Registry.Tests.Building;

/// <summary>Whatever a user's slips make of good files, building goes on.</summary>
public sealed class BadInputTests
{
    private static readonly string[] Replacements = ["", "null", "[]", "{}", "-1", "99999999999", "\"\"", "true", "x", "- a", "a: b", "*", "127.0.0.1", "\t"];

    [Fact]
    public void Slips_in_good_files_never_throw()
    {
        string[] lines = [.. Samples().SelectMany(text => text.Split('\n').Append("---"))];
        Gen<(int Line, int Cut, int Replacement)> slip = Gen.Select(Gen.Int[0, lines.Length - 1], Gen.Int[0, 2], Gen.Int[0, Replacements.Length - 1]);
        var builder = new SnapshotBuilder(MeshSettings.Default);
        slip.Array[1, 4].Sample(
            slips =>
            {
                string[] changed = [.. lines];
                foreach ((int line, int cut, int replacement) in slips) changed[line] = Slip(changed[line], cut, Replacements[replacement]);
                ReadResult read = ResourceReader.Read("mesh.yaml", string.Join('\n', changed));
                Finding[] findings = [.. read.Errors.Select(Finding.Of), .. read.Documents.SelectMany(ResourceRules.Check)];
                MeshUpdate update = builder.Build([new SourceContent([.. read.Documents], [SnapshotBuilderTests.Replica("reviews-1", "127.0.0.1")], [.. findings])]);
                return update.Findings.All(finding => finding.Position is { Line: > 0 });
            },
            iter: 500, threads: 1);
    }

    // A line lost, a value replaced, or a line moved in by two.
    private static string Slip(string line, int kind, string replacement)
    {
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        return kind switch
        {
            0 => "",
            1 when colon >= 0 => $"{line[..colon]}: {replacement}",
            _ => $"  {line}",
        };
    }

    private static IEnumerable<string> Samples()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Lateen.slnx"))) root = Path.GetDirectoryName(root)!;
        return Directory.EnumerateFiles(Path.Combine(root, "samples", "bookinfo"), "*.yaml")
            .Where(file => Path.GetFileName(file) != ResourceFiles.LocalFile).Order().Select(File.ReadAllText);
    }
}
