namespace Datapath.Bench.Policies;

/// <summary>What reading one text took, in processor time, round by round.</summary>
/// <param name="Bytes">How long the text is.</param>
/// <param name="Seconds">Reading it into objects.</param>
/// <param name="Walk">Walking over its tokens in the same round; nothing for YAML.</param>
/// <param name="Allocated">Bytes allocated by the reader for each byte of the text.</param>
internal sealed record TextRun(long Bytes, double[] Seconds, double[] Walk, double Allocated);

/// <summary>What one process has measured.</summary>
/// <param name="Compact">JSON without white space, as an API server sends it.</param>
/// <param name="Indented">JSON as kubectl prints it.</param>
/// <param name="Yaml">YAML as kubectl prints it.</param>
internal sealed record ReadingRun(TextRun Compact, TextRun Indented, TextRun Yaml);
