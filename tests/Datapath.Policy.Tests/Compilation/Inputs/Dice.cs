using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation.Inputs;

/// <summary>Short ways to leave things to chance.</summary>
internal static class Dice
{
    extension(Random random)
    {
        /// <summary>True once in so many times.</summary>
        public bool Once(int of) => random.Next(of) == 0;

        public T Pick<T>(params ReadOnlySpan<T> items) => items[random.Next(items.Length)];

        /// <summary>A few items, as many as asked for at most.</summary>
        public ImmutableArray<T> Few<T>(int least, int most, Func<T> make) =>
            [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => make())];

        /// <summary>Likewise, each made by its place.</summary>
        public ImmutableArray<T> Few<T>(int least, int most, Func<int, T> make) => [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(make)];

        public bool? Maybe() => random.Next(3) switch { 0 => null, 1 => true, _ => false };

        public ImmutableDictionary<string, string> Labels(params ReadOnlySpan<(string Key, string Value, int Once)> choices)
        {
            var labels = ImmutableDictionary<string, string>.Empty;
            foreach (var (key, value, once) in choices)
                labels = random.Once(once) ? labels.SetItem(key, value) : labels;
            return labels;
        }
    }
}
