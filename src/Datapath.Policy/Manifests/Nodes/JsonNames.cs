namespace Datapath.Policy;

/// <summary>Finds names that occur twice in an object while its table is being filled.</summary>
internal sealed class JsonNames(JsonNodeTable table)
{
    /// <summary>So many names are compared one by one, which is faster than a set and needs no memory.</summary>
    private const int Few = 32;

    private readonly HashSet<(int Mapping, string Name)> _others = [];

    public void Clear() => _others.Clear();

    /// <summary>Checks the last name so far of a mapping.</summary>
    /// <exception cref="ManifestSyntaxException">The mapping has another field of that name.</exception>
    public void Check(int mapping, int name)
    {
        var other = mapping + 1;
        for (var i = 0; i < Few; i++)
        {
            if (other == name)
                return;
            if (table.SameText(other, name))
                Throw(name);
            other += 1 + table[other + 1].Size;
        }

        if (!_others.Add((mapping, table.Text(name))))
            Throw(name);
    }

    private void Throw(int name) => throw new ManifestSyntaxException(table.Line(name), $"field '{table.Text(name)}' occurs twice in the same object");
}
