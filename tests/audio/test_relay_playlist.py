"""What playlists say: the streams that files name, and the pieces of HLS."""

from __future__ import annotations

from audio.relay_playlist import best_variant, is_hls, is_playlist, named_stream, read_hls

BASE = "http://dai.vn/a/b.m3u8"


def test_a_playlist_is_told_from_sound_by_its_first_bytes():
    assert is_playlist(b"#EXTM3U\n") and is_playlist(b"\xef\xbb\xbf#EXTM3U") and is_playlist(b"[playlist]\n")
    assert not is_playlist(b"ID3\x04") and not is_playlist(b"\xff\xfb\x90")


def test_plain_playlists_name_a_stream():
    assert named_stream("#EXTM3U\n#EXTINF:-1,x\nhttp://dai.vn/1\nhttp://dai.vn/2", BASE) == "http://dai.vn/1"
    assert named_stream("[playlist]\nNumberOfEntries=1\nFile1=https://dai.vn/1\n", BASE) == "https://dai.vn/1"
    assert named_stream("#EXTM3U\nfile:///etc/passwd\n../x.mp3", BASE) is None


def test_segments_are_numbered_from_the_media_sequence():
    found = read_hls(
        "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:41\n#EXTINF:6,\nx.ts\n#EXTINF:6,\n/y.ts",
        BASE,
    )
    assert [(each.number, each.address) for each in found.segments] == [
        (41, "http://dai.vn/a/x.ts"),
        (42, "http://dai.vn/y.ts"),
    ]
    assert (found.target_s, found.is_ended, found.is_readable) == (6.0, False, True)


def test_the_opening_of_fragments_is_kept_with_them():
    found = read_hls('#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:6,\n1.m4s', BASE)
    assert found.segments[0].opening == "http://dai.vn/a/init.mp4"


def test_the_lightest_variant_without_picture_is_taken():
    found = read_hls(
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=50000,RESOLUTION=320x180\nv.m3u8\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=128000,CODECS="mp4a.40.2"\nhigh.m3u8\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"\nlow.m3u8\n',
        BASE,
    )
    assert best_variant(found).address == "http://dai.vn/a/low.m3u8"


def test_sound_of_its_own_is_taken_before_pictures():
    found = read_hls(
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="sound.m3u8"\n'
        "#EXT-X-STREAM-INF:BANDWIDTH=50000,RESOLUTION=320x180\nv.m3u8\n",
        BASE,
    )
    assert best_variant(found).address == "http://dai.vn/a/sound.m3u8"


def test_what_is_encrypted_or_cut_by_bytes_is_not_readable():
    assert not read_hls('#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:6,\nx.ts', BASE).is_readable
    assert read_hls("#EXTM3U\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:6,\nx.ts", BASE).is_readable
    assert not read_hls("#EXTM3U\n#EXTINF:6,\n#EXT-X-BYTERANGE:100@0\nx.ts", BASE).is_readable


def test_nonsense_is_passed_over():
    found = read_hls(
        "#EXTM3U\n#EXT-X-TARGETDURATION:x\n#EXT-X-MEDIA-SEQUENCE:\n#EXT-X-MAP\n#EXTINF\nx.ts", BASE
    )
    assert len(found.segments) == 1 and found.target_s == 10.0
    assert is_hls("#EXT-X-VERSION:3") and not is_hls("#EXTINF:-1,x")
