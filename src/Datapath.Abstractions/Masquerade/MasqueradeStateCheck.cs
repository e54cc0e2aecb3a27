using System.Net;

namespace Datapath;

/// <summary>Refuses states whose parts do not fit: an engine that trusted them would read beyond its tables.</summary>
internal static class MasqueradeStateCheck
{
    public static void ThrowIfInvalid(MasqueradeState state)
    {
        var (sources, destinations) = (state.Sources, state.Destinations);
        CheckCount($"{nameof(state.Sources)}.{nameof(sources.Classes)}", sources.Classes.AsSpan().Length);
        CheckCount($"{nameof(state.Destinations)}.{nameof(destinations.Classes)}", destinations.Classes.AsSpan().Length);
        CheckCount(nameof(state.AddressChoices), state.AddressChoices.AsSpan().Length);
        CheckNumber($"{nameof(state.Sources)}.{nameof(sources.ForwardedClass)}", sources.ForwardedClass, sources.Classes.Length);
        CheckNumber($"{nameof(state.Sources)}.{nameof(sources.HostClass)}", sources.HostClass, sources.Classes.Length);
        CheckPrefixes($"{nameof(state.Sources)}.{nameof(sources.Prefixes)}", sources.Prefixes.AsSpan(), sources.Classes.Length);
        CheckPrefixes($"{nameof(state.Destinations)}.{nameof(destinations.Prefixes)}", destinations.Prefixes.AsSpan(), destinations.Classes.Length);
        CheckInterfaces(sources);
        CheckChoices(state);
        CheckVerdicts(state);
    }

    private static void CheckCount(string field, int count)
    {
        if (count is 0 or > MasqueradeState.MostClasses)
            throw new ArgumentException($"{field}: {count} must be 1 to {MasqueradeState.MostClasses}");
    }

    private static void CheckNumber(string field, int number, int count)
    {
        if (number >= count)
            throw new ArgumentException($"{field}: {number} must be below {count}");
    }

    /// <summary>The path is put together only for an error: there may be many items.</summary>
    private static void CheckNumber(string list, int index, string part, int number, int count)
    {
        if (number >= count)
            throw new ArgumentException($"{list}[{index}].{part}: {number} must be below {count}");
    }

    private static void CheckPrefixes(string field, ReadOnlySpan<MasqueradePrefix> prefixes, int classes)
    {
        var known = new HashSet<IPNetwork>(prefixes.Length);
        for (var i = 0; i < prefixes.Length; i++)
        {
            CheckNumber(field, i, nameof(MasqueradePrefix.Class), prefixes[i].Class, classes);
            if (!known.Add(prefixes[i].Prefix))
                throw new ArgumentException($"{field}[{i}]: '{prefixes[i].Prefix}' must be there once");
        }
    }

    private static void CheckInterfaces(MasqueradeSources sources)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < sources.Interfaces.AsSpan().Length; i++)
        {
            const string Field = $"{nameof(MasqueradeState.Sources)}.{nameof(sources.Interfaces)}";
            CheckNumber(Field, i, nameof(MasqueradeInterface.Class), sources.Interfaces[i].Class, sources.Classes.Length);
            if (string.IsNullOrEmpty(sources.Interfaces[i].Pattern) || !known.Add(sources.Interfaces[i].Pattern))
                throw new ArgumentException($"{Field}[{i}]: '{sources.Interfaces[i].Pattern}' must be a name or a pattern, and be there once");
        }
    }

    private static void CheckChoices(MasqueradeState state)
    {
        for (var i = 0; i < state.AddressChoices.Length; i++)
        {
            var choice = state.AddressChoices[i];
            if (choice is null || (choice.Source is MasqueradeAddressSource.Fixed) == choice.Addresses.AsSpan().IsEmpty)
                throw new ArgumentException($"{nameof(state.AddressChoices)}[{i}]: must have addresses if they are fixed, and none otherwise");
        }

        for (var i = 0; i < state.Sources.Classes.Length; i++)
        {
            CheckNumber(
                $"{nameof(state.Sources)}.{nameof(state.Sources.Classes)}", i, nameof(MasqueradeSourceClass.AddressChoice),
                state.Sources.Classes[i].AddressChoice, state.AddressChoices.Length);
        }
    }

    private static void CheckVerdicts(MasqueradeState state)
    {
        var count = state.Sources.Classes.Length * state.Destinations.Classes.Length;
        if (state.Verdicts.AsSpan().Length != count)
            throw new ArgumentException($"{nameof(state.Verdicts)}: {state.Verdicts.AsSpan().Length} must be {count}, one for each pair of classes");
        for (var i = 0; i < count; i++)
            CheckNumber(nameof(state.Verdicts), i, nameof(MasqueradeVerdict.AddressChoice), state.Verdicts[i].AddressChoice, state.AddressChoices.Length);
    }
}
