using System.Text;

namespace Datapath.Policy.Tests.Manifests;

/// <summary>Whatever a file contains, reading it gives objects and diagnostics and never throws.</summary>
internal sealed class FuzzTests
{
    private const int Rounds = 3000;
    private const string Alphabet = "abk:-{}[],&*!|>'\"%@`#?\\ \t\r\n\0~0189.<=\u0085\uFEFF\ud800";

    private static readonly string s_yaml =
        Manifest.Service("web") + "---\n" + Manifest.Slice("IPv6", "fd00::1") + "---\nkind: List\nitems:\n- &a {kind: x}\n- *a\n";

    private static readonly string[] s_kinds = Manifest.OfEveryKind;

    private const string Json =
        """{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Service","metadata":{"name":"w"},"spec":{"ports":[{"port":80}]}}]}""";

    [Test]
    public void Mutations_of_valid_manifests_never_throw()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder(random.Next(3) == 0 ? Json : s_yaml);
            for (var edits = random.Next(1, 8); edits > 0 && text.Length > 0; edits--)
                Mutate(text, random);
            Check(text.ToString(), seed);
        }
    }

    [Test]
    public void Mutations_of_every_kind_never_throw_and_what_is_read_is_valid()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder(s_kinds[seed % s_kinds.Length]);
            for (var edits = random.Next(1, 4); edits > 0 && text.Length > 0; edits--)
                Mutate(text, random);
            Check(text.ToString(), seed);
        }
    }

    [Test]
    public void Values_of_the_wrong_type_are_reported_wherever_they_are()
    {
        string[] values = ["7", "x", "[]", "{}", "[1]", "[{}]", "{a: 1}", "{a: {b: c}}", "true", "null", "''", "[null]", "[[]]"];
        foreach (var kind in s_kinds)
        {
            var lines = kind.Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                var colon = lines[i].IndexOf(": ", StringComparison.Ordinal);
                if (colon < 0)
                    continue;
                foreach (var value in values)
                {
                    var changed = lines.ToArray();
                    changed[i] = lines[i][..(colon + 2)] + value;
                    Check(string.Join('\n', changed), i);
                }
            }
        }
    }

    [Test]
    public void Trees_with_a_part_replaced_never_throw()
    {
        var trees = s_kinds.Select(JsonTree.Of).ToArray();
        for (var seed = 0; seed < Rounds * 2; seed++)
        {
            var random = new Random(seed);
            var tree = trees[seed % trees.Length];
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                tree = JsonTree.WithPartReplaced(tree, random);
            Check(tree.ToJsonString(), seed);
        }
    }

    [Test]
    public void Random_text_never_throws()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var text = new string(random.GetItems<char>(Alphabet, random.Next(60)));
            Check(text, seed);
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            Check(Encoding.UTF8.GetString(bytes), seed);
        }
    }

    private static void Mutate(StringBuilder text, Random random)
    {
        var at = random.Next(text.Length);
        switch (random.Next(5))
        {
            case 0:
                text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
                break;
            case 1:
                text.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                break;
            case 2:
                text[at] = Alphabet[random.Next(Alphabet.Length)];
                break;
            case 3:
                text.Insert(random.Next(text.Length), text.ToString(at, Math.Min(random.Next(1, 40), text.Length - at)));
                break;
            default:
                text.Length = at;
                break;
        }
    }

    private static void Check(string text, int seed)
    {
        foreach (var file in new[] { "a.yaml", "a.json" })
        {
            ManifestContent content;
            try
            {
                content = ManifestReader.Read(text, file);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, {file}: {e}\n{text}");
                return;
            }

            var lines = text.AsSpan().CountAny('\r', '\n') + 1;
            foreach (var diagnostic in content.Diagnostics)
            {
                if (diagnostic.Line < 1 || diagnostic.Line > lines || diagnostic.ToString().Contains('\n'))
                    Assert.Fail($"seed {seed}, {file}: line {diagnostic.Line} of {lines}: {diagnostic}\n{text}");
            }

            foreach (var item in content.Objects)
            {
                var issues = new IssueList();
                ObjectValidator.Validate(item, issues);
                if (issues.HasErrors)
                    Assert.Fail($"seed {seed}, {file}: {item.Key} is read and not valid: {issues.ErrorText()}\n{text}");
            }

            var compiler = Make.Compiler([.. content.Objects]);
            if (compiler.Statuses.Any(status => status.Condition is ObjectCondition.Rejected))
                Assert.Fail($"seed {seed}, {file}: an object without diagnostics is rejected\n{text}");
        }
    }
}
